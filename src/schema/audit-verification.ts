import { Field, Int, ObjectType } from 'type-graphql';
import { nullable } from './nullable';

@ObjectType({ description: 'Whether a hash chain of the audit trail is whole.' })
export class AuditVerification {
  @Field(() => Boolean, { description: 'Every entry has its hash, and the last one is the head.' })
  valid!: boolean;

  @Field(() => Int, { description: 'How many entries it has.' })
  entryCount!: number;

  @Field(() => Int, nullable('The first entry that does not fit; null when all do.'))
  firstBrokenSequence!: number | null;

  @Field(
    () => String,
    nullable('Hash of the last entry, in hexadecimal. Keep it elsewhere to notice a rewritten whole.'),
  )
  head!: string | null;

  @Field(() => String, { description: 'The same in words.' })
  message!: string;
}
