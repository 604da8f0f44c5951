import { Field, InputType } from 'type-graphql';
import { nullable } from './nullable';
import { JSONObject } from './scalars';

/** What an update takes of whatever has tags. */
@InputType()
export abstract class TagChangesInput {
  @Field(() => JSONObject, nullable('All its tags: they replace those it has.'))
  tags?: Record<string, string> | null;

  @Field(() => JSONObject, nullable('Tags to add or override; the others stay.'))
  setTags?: Record<string, string> | null;

  @Field(() => [String], nullable('Keys of tags to remove; those that are not there do not matter.'))
  removeTags?: string[] | null;
}
