import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { MODEL_ORDER_FIELDS, MODEL_VERSION_ORDER_FIELDS, SORT_DIRECTIONS } from '../entities';
import type * as rows from '../entities';
import type * as search from '../services/registry';
import { ConnectionArgs } from './connection';
import { enumType } from './enum-type';
import { Stage, TaskType } from './enums';
import { nullable } from './nullable';
import { IntFilter, MetricFilter, ParamFilter, TagFilter, TextFilter, TimeFilter } from './search-conditions';

const WORDS = 'Words, each of which must be, or begin, a word of';

@InputType({ description: 'Which versions to list. All that is given must hold.' })
export class ModelVersionFilter implements search.ModelVersionFilter {
  @Field(() => [ModelVersionFilter], nullable('All of these must hold.'))
  and?: ModelVersionFilter[] | null;

  @Field(() => [ModelVersionFilter], nullable('At least one of these must hold.'))
  or?: ModelVersionFilter[] | null;

  @Field(() => ModelVersionFilter, nullable('This must not hold.'))
  not?: ModelVersionFilter | null;

  @Field(() => TextFilter, nullable('Name of the model.'))
  name?: TextFilter | null;

  @Field(() => TextFilter, nullable('Who answers for the model.'))
  owner?: TextFilter | null;

  @Field(() => TextFilter, nullable('Who registered the version.'))
  createdBy?: TextFilter | null;

  @Field(() => TimeFilter, nullable('When it was registered.'))
  createdAt?: TimeFilter | null;

  @Field(() => TimeFilter, nullable('When it was last changed.'))
  updatedAt?: TimeFilter | null;

  @Field(() => TagFilter, nullable('A tag of the version.'))
  tag?: TagFilter | null;

  @Field(() => TagFilter, nullable('A tag of the model.'))
  modelTag?: TagFilter | null;

  @Field(() => String, nullable(`${WORDS} the model’s name or description or the version’s description.`))
  text?: string | null;

  @Field(() => IntFilter, nullable('Its number.'))
  version?: IntFilter | null;

  @Field(() => [Stage], nullable('It is in one of these stages.'))
  stage?: rows.Stage[] | null;

  @Field(() => String, nullable('This alias points to it.'))
  alias?: string | null;

  @Field(() => MetricFilter, nullable('One of its metrics.'))
  metric?: MetricFilter | null;

  @Field(() => ParamFilter, nullable('What it was trained with.'))
  param?: ParamFilter | null;

  @Field(() => ID, nullable('It was trained on this dataset.'))
  datasetId?: string | null;

  @Field(() => String, nullable('It was trained on a dataset of this fingerprint.'))
  datasetFingerprint?: string | null;

  @Field(() => ID, nullable('It came from this training run.'))
  trainingRunId?: string | null;

  @Field(() => ID, nullable('It takes the features of this version of a feature service.'))
  featureServiceVersionId?: string | null;
}

@InputType({ description: 'Which models to list. All that is given must hold.' })
export class ModelFilter implements search.ModelFilter {
  @Field(() => [ModelFilter], nullable('All of these must hold.'))
  and?: ModelFilter[] | null;

  @Field(() => [ModelFilter], nullable('At least one of these must hold.'))
  or?: ModelFilter[] | null;

  @Field(() => ModelFilter, nullable('This must not hold.'))
  not?: ModelFilter | null;

  @Field(() => TextFilter, nullable('Its name.'))
  name?: TextFilter | null;

  @Field(() => TextFilter, nullable('Who answers for it.'))
  owner?: TextFilter | null;

  @Field(() => TextFilter, nullable('Who created it.'))
  createdBy?: TextFilter | null;

  @Field(() => TimeFilter, nullable('When it was created.'))
  createdAt?: TimeFilter | null;

  @Field(() => TimeFilter, nullable('When it was last changed.'))
  updatedAt?: TimeFilter | null;

  @Field(() => TagFilter, nullable('One of its tags.'))
  tag?: TagFilter | null;

  @Field(() => String, nullable(`${WORDS} its name or description.`))
  text?: string | null;

  @Field(() => [TaskType], nullable('It answers one of these.'))
  taskType?: rows.TaskType[] | null;

  @Field(() => ModelVersionFilter, nullable('It has at least one version for which all of this holds.'))
  hasVersion?: ModelVersionFilter | null;
}

const SortDirection = enumType('SortDirection', SORT_DIRECTIONS, 'Which end of an order comes first.', {
  ASC: 'The smallest or earliest first.',
  DESC: 'The greatest or latest first.',
});

const NAME_AND_TIMES = {
  NAME: 'By the model’s name.',
  CREATED_AT: 'By when it was made.',
  UPDATED_AT: 'By when it was last changed.',
};
const ModelOrderField = enumType('ModelOrderField', MODEL_ORDER_FIELDS, 'What models are ordered by.', NAME_AND_TIMES);
const ModelVersionOrderField = enumType(
  'ModelVersionOrderField',
  MODEL_VERSION_ORDER_FIELDS,
  'What versions are ordered by.',
  {
    ...NAME_AND_TIMES,
    VERSION: 'By number.',
    METRIC: 'By a metric; only versions that have it are listed.',
  },
);

const DIRECTION = { description: 'Which end comes first.', defaultValue: 'ASC' } as const;

@InputType({ description: 'One part of the order of models.' })
class ModelOrder implements search.ModelOrder {
  @Field(() => ModelOrderField, { description: 'By what.' })
  field!: rows.ModelOrderField;

  @Field(() => SortDirection, DIRECTION)
  direction!: rows.SortDirection;
}

@InputType({ description: 'One part of the order of versions.' })
class ModelVersionOrder implements search.ModelVersionOrder {
  @Field(() => ModelVersionOrderField, { description: 'By what.' })
  field!: rows.ModelVersionOrderField;

  @Field(() => String, nullable('With METRIC: its name.'))
  metric?: string | null;

  @Field(() => String, nullable('With METRIC: the rows that it was measured on; held_out where it is absent.'))
  split?: string | null;

  @Field(() => SortDirection, DIRECTION)
  direction!: rows.SortDirection;
}

const LANGUAGE =
  'The same as a filter, in one line for people: `stage:production tag.team=growth auc>0.84 name~churn`, with AND, OR, NOT, IN (…), parentheses and ' +
  'quotes (docs/search.md). It must hold beside the filter.';

@ArgsType()
export class ModelSearchArgs extends ConnectionArgs {
  @Field(() => ModelFilter, nullable('Only models for which it holds.'))
  filter?: ModelFilter | null;

  @Field(() => String, nullable(LANGUAGE))
  search?: string | null;

  @Field(() => [ModelOrder], nullable('By name where it is absent. What it leaves open is decided by name.'))
  orderBy?: ModelOrder[] | null;
}

@ArgsType()
export class ModelVersionSearchArgs extends ConnectionArgs {
  @Field(() => String, nullable('Name of the model; null for the versions of all models.'))
  model?: string | null;

  @Field(() => ModelVersionFilter, nullable('Only versions for which it holds.'))
  filter?: ModelVersionFilter | null;

  @Field(() => String, nullable(LANGUAGE))
  search?: string | null;

  @Field(
    () => [ModelVersionOrder],
    nullable('Newest first where it is absent. What it leaves open is decided by name, then by number, highest first.'),
  )
  orderBy?: ModelVersionOrder[] | null;
}
