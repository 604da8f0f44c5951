import { Field, InputType, Int, ObjectType } from 'type-graphql';
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

  @Field(() => Int, nullable('Number of the last entry, by the head; null for an empty chain.'))
  headSequence!: number | null;

  @Field(() => String, { description: 'The same in words.' })
  message!: string;
}

@InputType({ description: 'The end of an audit chain as it was read earlier and kept elsewhere.' })
export class AuditHeadInput {
  @Field(() => Int, { description: 'Number of the entry that was the last one.' })
  sequence!: number;

  @Field(() => String, { description: 'Its hash, in hexadecimal.' })
  hash!: string;
}
