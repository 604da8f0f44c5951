import { Field, ObjectType } from 'type-graphql';
import { Model } from './model';
import { ModelVersion } from './model-version';
import { nullable } from './nullable';

@ObjectType({ description: 'What answers for a model now.' })
export class Deployment {
  @Field(() => Model, { description: 'The model.' })
  model!: Model;

  @Field(() => ModelVersion, nullable('The production version, which answers predictions; null when there is none.'))
  primary!: ModelVersion | null;
}
