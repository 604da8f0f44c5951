import { Field, ObjectType } from 'type-graphql';
import { Role } from './enums';

@ObjectType({ description: 'Who is asking.' })
export class Viewer {
  @Field(() => String, { description: 'The name under which this request is audited.' })
  actor!: string;

  @Field(() => [Role], { description: 'What the actor may do.' })
  roles!: readonly string[];
}
