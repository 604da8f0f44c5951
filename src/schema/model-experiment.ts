import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { ImportStatus, NonFinite } from './enums';
import { Job } from './job';
import { Param } from './model-version';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A figure of an MLflow run, the last one of its name.' })
export class ExperimentMetric {
  @Field(() => String, { description: 'MLflow’s key.' })
  name!: string;

  @Field(() => Float, nullable('The figure; null where it is no finite number: then nonFinite says which.'))
  value!: number | null;

  @Field(() => NonFinite, nullable('What the figure is where it is no finite number; null where it is one.'))
  nonFinite!: rows.NonFinite | null;

  @Field(() => Float, { description: 'The step that it was logged at, a whole number.' })
  step!: number;
}

@ObjectType({
  implements: Node,
  description:
    'A link to the MLflow run that a version came from, with what was imported from there. Imported figures stand beside those of the version, ' +
    'which Mooring has measured on held-out rows, and never in their place.',
})
export class ModelExperiment extends Node {
  @Field(() => String, { description: 'Address of the MLflow tracking server.' })
  trackingUri!: string;

  @Field(() => String, { description: 'MLflow’s id of the experiment.' })
  experimentId!: string;

  @Field(() => String, { description: 'MLflow’s id of the run.' })
  runId!: string;

  @Field(() => ImportStatus, { description: 'What has become of the import.' })
  status!: rows.ImportStatus;

  @Field(() => String, nullable('Why the last attempt did not succeed; null when it did, or when there was none.'))
  lastError!: string | null;

  @Field(() => Int, { description: 'Attempts since the import was last asked for.' })
  attempts!: number;

  @Field(() => DateTime, nullable('When it is tried again at the earliest; null unless it is PENDING.'))
  nextAttemptAt!: Date | null;

  @Field(() => DateTime, nullable('When what stands here was imported; null while nothing was.'))
  importedAt!: Date | null;

  @Field(() => String, nullable('MLflow’s name of the experiment.'))
  experimentName!: string | null;

  @Field(() => String, nullable('MLflow’s name of the run.'))
  runName!: string | null;

  @Field(() => String, nullable('The state of the run when it was imported, in MLflow’s words: FINISHED, RUNNING …'))
  runStatus!: string | null;

  @Field(() => [ExperimentMetric], { description: 'Its metrics, by name.' })
  metrics!: rows.ImportedMetric[];

  @Field(() => [Param], { description: 'Its params, by name.' })
  params!: rows.ImportedParam[];

  @Field(() => JSONObject, { description: 'Its tags, those that MLflow sets among them.' })
  tags!: Record<string, string>;

  @Field(() => DateTime, { description: 'When the link was made.' })
  createdAt!: Date;
}

@InputType({ description: 'An MLflow run.' })
export class ExperimentInput {
  @Field(() => String, { description: 'http(s) address of the MLflow tracking server, without user and password.' })
  trackingUri!: string;

  @Field(() => String, { description: 'MLflow’s id of the experiment.' })
  experimentId!: string;

  @Field(() => String, { description: 'MLflow’s id of the run.' })
  runId!: string;
}

@InputType({ description: 'The MLflow run that a version came from.' })
export class LinkExperimentInput extends ExperimentInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;
}

@ObjectType({ description: 'The link; linking the same run again returns the one that is there.' })
export class LinkExperimentPayload extends MutationPayload {
  @Field(() => ModelExperiment, nullable('Its import has begun or is yet to. Null when there are userErrors.'))
  experiment?: ModelExperiment | null;
}

@InputType({ description: 'A link whose run shall be imported anew.' })
export class ImportExperimentInput {
  @Field(() => ID, { description: 'Id of the link.' })
  id!: string;
}

@ObjectType({ description: 'The import that was asked for.' })
export class ImportExperimentPayload extends MutationPayload {
  @Field(() => ModelExperiment, nullable('The link, PENDING. Null when there are userErrors.'))
  experiment?: ModelExperiment | null;

  @Field(() => Job, nullable('The first attempt. Null when there are userErrors.'))
  job?: Job | null;
}
