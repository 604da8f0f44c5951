/**
 * Long work. The Job types have no fields of their own here: what a job is about (`dataset`, `trainingRun` …) is a field resolver in the resolver
 * file of the aggregate that owns it:
 *
 *     @Resolver(() => DatasetJob)
 *     export class DatasetJobResolver {
 *       @FieldResolver(() => Dataset, nullable('The dataset that it builds.'))
 *       dataset(@Root() job: JobRecord, @Ctx() ctx: Context) {
 *         return datasetById(ctx).load(jobSubject(job));
 *       }
 *     }
 */
import { Field, Float, ID, InputType, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { JobKind, JobRecord } from '../entities';
import { JobStatus } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

const TYPE_NAMES: Readonly<Record<JobKind, string>> = {
  DATASET: 'DatasetJob',
  MATERIALIZATION: 'MaterializationJob',
  FEATURE_QUALITY: 'FeatureQualityJob',
  TRAINING: 'TrainingJob',
  DRIFT_REPORT: 'DriftReportJob',
  RETRAINING: 'RetrainingJob',
  EXPERIMENT_IMPORT: 'ExperimentImportJob',
  COMPACTION: 'FeatureCompactionJob',
  ENTITY_ERASURE: 'EntityErasureJob',
  FEATURE_INGEST: 'FeatureIngestJob',
};

export const jobTypeName = (job: Pick<JobRecord, 'kind'>): string => TYPE_NAMES[job.kind];

/** The uuid of what a job is about: its subject is 'Kind:uuid'. */
export const jobSubject = (job: Pick<JobRecord, 'subject'>): string => job.subject.slice(job.subject.indexOf(':') + 1);

@ObjectType({ description: 'A value that long work failed for.' })
export class JobProblem {
  @Field(() => [String], nullable('Its path, for example ["rows", "3", "tenure"]; rows are counted from 0.'))
  field!: readonly string[] | null;

  @Field(() => String, { description: 'For people: what is wrong, and what would be right.' })
  message!: string;
}

@ObjectType({ description: 'Why long work failed.' })
export class JobError {
  @Field(() => String, { description: 'For programs: a code of this API, or INTERNAL_SERVER_ERROR.' })
  code!: string;

  @Field(() => String, { description: 'For people.' })
  message!: string;

  @Field(() => [JobProblem], { description: 'The values at fault, where it failed for some: up to 20.' })
  problems!: readonly JobProblem[];
}

@InterfaceType({
  description: 'Long work: it outlives the request that asked for it, and a restart of the server.',
  implements: Node,
  resolveType: jobTypeName,
})
export abstract class Job extends Node {
  @Field(() => JobStatus, { description: 'How far it has come.' })
  status!: string;

  @Field(() => Float, { description: 'Share of the work that is done, 0 to 1.' })
  progressRatio!: number;

  @Field(() => String, { description: 'What it is doing.' })
  progressMessage!: string;

  @Field(() => Int, { description: 'How often it was begun: a restart of the server begins it again.' })
  attempt!: number;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, nullable('When a worker first took it; null while it is queued.'))
  startedAt!: Date | null;

  @Field(() => DateTime, nullable('When it ended, one way or another.'))
  finishedAt!: Date | null;
}

@ObjectType({ implements: [Job, Node], description: 'The building of a dataset.' })
export class DatasetJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The copying of newest feature values to the online store.' })
export class MaterializationJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The making of a quality report that a schedule asks for.' })
export class FeatureQualityJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'A training run at work.' })
export class TrainingJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The computing of a drift report.' })
export class DriftReportJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'A retraining, from the dataset to the decision on promotion.' })
export class RetrainingJob extends Job {}

@ObjectType({
  implements: [Job, Node],
  description:
    'One attempt at importing an MLflow run. It succeeds also when MLflow cannot be asked: the link says so.',
})
export class ExperimentImportJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The making of few large files of a view’s many small ones.' })
export class FeatureCompactionJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The forgetting of an entity.' })
export class EntityErasureJob extends Job {}

@ObjectType({ implements: [Job, Node], description: 'The ingest of a file of features.' })
export class FeatureIngestJob extends Job {}

@InputType({ description: 'A job to stop.' })
export class CancelJobInput {
  @Field(() => ID, { description: 'The job’s id.' })
  id!: string;
}

@ObjectType({ description: 'The job that was asked to stop.' })
export class CancelJobPayload extends MutationPayload {
  @Field(() => Job, nullable('It may still be RUNNING for a moment. Null when there are userErrors.'))
  job?: Job | null;
}
