import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ModelSubmission } from './model-submission';
import { ModelExperiment, ModelVersion } from './model-version';
import { nullable } from './nullable';
import { JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@InputType({ description: 'A training run to offer to the quality gate.' })
export class RegisterModelVersionInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => ID, { description: 'Id of a training run of that model which succeeded.' })
  trainingRunId!: string;

  @Field(() => String, nullable('What is new in it.'))
  description?: string | null;

  @Field(() => JSONObject, nullable('Free names and values; values are texts.'))
  tags?: Record<string, string> | null;

  @Field(() => String, nullable('The commit of the code that made it.'))
  codeCommit?: string | null;
}

@ObjectType({
  description: 'What the quality gate said. A rejection is an outcome, not an error: the submission tells why.',
})
export class RegisterModelVersionPayload extends MutationPayload {
  @Field(() => ModelSubmission, nullable('With every check; null when there are userErrors.'))
  submission?: ModelSubmission | null;

  @Field(() => ModelVersion, nullable('The new version; null when the gate rejected the submission.'))
  modelVersion?: ModelVersion | null;
}

@InputType({ description: 'The MLflow run that a version came from.' })
export class LinkExperimentInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;

  @Field(() => String, { description: 'http(s) address of the MLflow tracking server.' })
  trackingUri!: string;

  @Field(() => String, { description: 'MLflow’s id of the experiment.' })
  experimentId!: string;

  @Field(() => String, { description: 'MLflow’s id of the run.' })
  runId!: string;
}

@ObjectType({ description: 'The link; linking the same run again returns the one that is there.' })
export class LinkExperimentPayload extends MutationPayload {
  @Field(() => ModelExperiment, nullable('Null when there are userErrors.'))
  experiment?: ModelExperiment | null;
}
