import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { DefinitionChange } from './definition-change';
import { Dtype, ScalarDtype } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A join key of a view, and the entity key whose value it is compared with.' })
export class JoinKeyMapping {
  @Field(() => String, { description: 'Name of the join key in the view.' })
  joinKey!: string;

  @Field(() => String, { description: 'Name under which entities and labels carry it.' })
  entityKey!: string;
}

@ObjectType({ description: 'One input of a model: a field of one version of a view.' })
export class ServiceFeature {
  @Field(() => String, { description: 'The name that the model knows.' })
  name!: string;

  @Field(() => String, { description: 'Name of the view.' })
  view!: string;

  @Field(() => Int, { description: 'Version of the view.' })
  viewVersion!: number;

  @Field(() => String, { description: 'Name of the field in the view.' })
  field!: string;

  @Field(() => Dtype, { description: 'Type of its values.' })
  dtype!: rows.Dtype;
}

@ObjectType({
  description:
    'One input of a model that is computed from others of its service, alike in datasets and online. See docs/expressions.md for the language.',
})
export class OnDemandFeature {
  @Field(() => String, { description: 'The name that the model knows.' })
  name!: string;

  @Field(() => String, { description: 'What it is computed by.' })
  expression!: string;

  @Field(() => ScalarDtype, { description: 'Type of its values, which follows from the expression.' })
  dtype!: rows.ScalarDtype;

  @Field(() => [String], {
    description: 'Names of the features of the service, computed ones too, and of the request inputs that it reads.',
  })
  inputs!: readonly string[];

  @Field(() => String, { description: 'What it means, as it is now; may be empty.' })
  description!: string;
}

@ObjectType({
  description:
    'A value that on-demand features read and that is known only with a request. Datasets take it from the field of that name in the label’s view.',
})
export class RequestInput {
  @Field(() => String, { description: 'The name under which requests carry it.' })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Type of its values.' })
  dtype!: rows.ScalarDtype;

  @Field(() => String, { description: 'What it means, as it is now; may be empty.' })
  description!: string;
}

@ObjectType({ implements: Node, description: 'The features that a model uses. Changing them makes a new version.' })
export class FeatureService extends Node {
  @Field(() => String, { description: 'Unique among services.' })
  name!: string;

  @Field(() => Int, { description: 'The current version, from 1.' })
  version!: number;

  @Field(() => [ServiceFeature], {
    description: 'The features of the current version from views, in the order of the model’s inputs.',
  })
  features!: ServiceFeature[];

  @Field(() => String, { description: 'What it is; may be empty.' })
  description!: string;

  @Field(() => String, { description: 'Who answers for it.' })
  owner!: string;

  @Field(() => JSONObject, { description: 'Free names and values.' })
  tags!: Record<string, string>;

  @Field(() => Int, { description: 'Counts changes.' })
  revision!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

@ObjectType({ implements: Node, description: 'One version of a feature service; it never changes.' })
export class FeatureServiceVersion extends Node {
  @Field(() => Int, { description: 'From 1.' })
  version!: number;

  @Field(() => [ServiceFeature], { description: 'Its features from views, in the order of the model’s inputs.' })
  features!: ServiceFeature[];
}

@InputType({ description: 'Under which name entities and labels carry a join key of a view.' })
class JoinKeyMappingInput {
  @Field(() => String, { description: 'Name of the join key in the view.' })
  joinKey!: string;

  @Field(() => String, { description: 'Its name in entities and in the label’s view.' })
  entityKey!: string;
}

@InputType({ description: 'What a view gives to a service.' })
class ServiceViewInput {
  @Field(() => String, { description: 'Name of the view; its current version is taken.' })
  view!: string;

  @Field(() => [String], nullable('Names of its fields; null: all of them.'))
  fields?: string[] | null;

  @Field(() => String, nullable('The features are then called `prefix__field`: needed where two views share a name.'))
  prefix?: string | null;

  @Field(
    () => [JoinKeyMappingInput],
    nullable(
      'Join keys that entities carry under another name. With it, and a prefix, a view can be named twice: airports as `origin` and as `destination`.',
    ),
  )
  joinKeyMap?: JoinKeyMappingInput[] | null;
}

@InputType({ description: 'A feature that is computed from others of its service.' })
class OnDemandFeatureInput {
  @Field(() => String, {
    description:
      'Unique among the features of the service; 1 to 63 lower-case letters, digits and "_", beginning with a letter.',
  })
  name!: string;

  @Field(() => String, {
    description:
      'What it is computed by, from other features of the service, and its request inputs, by their names: `days_between(joined_at, request_timestamp)`. docs/expressions.md has the ' +
      'language. Another expression makes a new version.',
  })
  expression!: string;

  @Field(() => String, nullable('What it means; stays as it is where absent.'))
  description?: string | null;
}

@InputType({ description: 'A value that is known only with a request, for on-demand features to read.' })
class RequestInputInput {
  @Field(() => String, {
    description:
      'Unique among the features of the service and its join keys, and the name of a field of the label’s view.',
  })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Type of its values.' })
  dtype!: rows.ScalarDtype;

  @Field(() => String, nullable('What it means; stays as it is where absent.'))
  description?: string | null;
}

@InputType({
  description:
    'A service as it shall be: made where it does not exist, else changed. Applying the same again changes nothing, unless a view has a new version.',
})
export class ApplyFeatureServiceInput {
  @Field(() => String, {
    description: 'Unique; 1 to 63 lower-case letters, digits and "_", beginning with a letter.',
  })
  name!: string;

  @Field(() => [ServiceViewInput], { description: 'Its features, view by view.' })
  features!: ServiceViewInput[];

  @Field(
    () => [OnDemandFeatureInput],
    nullable('Up to 100 features that are computed from these; models take them behind the others. Absent: none.'),
  )
  onDemandFeatures?: OnDemandFeatureInput[] | null;

  @Field(
    () => [RequestInputInput],
    nullable(
      'Up to 100 values that these read and that come with requests, such as the amount of a payment. Absent: none.',
    ),
  )
  requestInputs?: RequestInputInput[] | null;

  @Field(() => String, nullable('What it is; stays as it is where absent.'))
  description?: string | null;

  @Field(() => String, nullable('Who answers for it; at first the caller.'))
  owner?: string | null;

  @Field(() => JSONObject, nullable('All its tags: texts by name.'))
  tags?: Record<string, unknown> | null;

  @Field(() => Boolean, {
    description: 'Only answers what applying it would change: nothing is written.',
    defaultValue: false,
  })
  dryRun!: boolean;
}

@ObjectType({ description: 'The service as it is now.' })
export class ApplyFeatureServicePayload extends MutationPayload {
  @Field(() => FeatureService, nullable('Null when there are userErrors, or where a dry run would make it.'))
  featureService?: FeatureService | null;

  @Field(() => DefinitionChange, nullable('What it means for those who use it; null when there are userErrors.'))
  change?: DefinitionChange | null;
}
