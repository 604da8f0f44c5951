import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { ScalarDtype } from './enums';
import { ExperimentInput } from './model-experiment';
import { ModelSubmission } from './model-submission';
import { ModelVersion } from './model-version';
import { nullable } from './nullable';
import { FeatureRow, type FeatureRowValue, JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@InputType({ description: 'Stored bytes of a model, each named by its digest or by the id of its upload.' })
export class ModelArtifactsInput {
  @Field(() => String, {
    description:
      'The model. As application/onnx it is loaded and held against its signature; any other format is stored, and not served.',
  })
  model!: string;

  @Field(
    () => String,
    nullable(
      'The pipeline from raw features to the model’s inputs, as JSON; null when it takes the features as they are.',
    ),
  )
  preprocessing?: string | null;

  @Field(
    () => String,
    nullable(
      'How the model was judged, as JSON. One that says mooring-evaluation-report has to be right, and is shown in `evaluation` ' +
        '(docs/evaluation-report.md describes it); JSON of any other form is kept and not read.',
    ),
  )
  evaluationReport?: string | null;

  @Field(
    () => String,
    nullable(
      'What held-out data and predictions looked like, as JSON (docs/reference-profile.md describes it). Where it is absent, the held-out rows of the ' +
        'dataset make one; without a dataset there are no drift reports.',
    ),
  )
  referenceProfile?: string | null;
}

@InputType({ description: 'One raw feature that a model takes.' })
class SignatureInputInput {
  @Field(() => String, { description: 'Its name in the feature service.' })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Its type.' })
  dtype!: rows.ScalarDtype;
}

@InputType({ description: 'A tensor that a model gives.' })
class SignatureOutputInput {
  @Field(() => String, { description: 'Its name in the model.' })
  name!: string;

  @Field(() => String, { description: 'Its element type: float32, int64, …' })
  datatype!: string;

  @Field(() => [Int], { description: 'Its dimensions; -1 is any size.' })
  shape!: number[];
}

@InputType({ description: 'What a model takes and gives. A model that disagrees with it is refused.' })
export class ModelSignatureInput {
  @Field(() => [SignatureInputInput], {
    description: 'The raw features, before preprocessing, in the order of the model.',
  })
  inputs!: SignatureInputInput[];

  @Field(() => [SignatureOutputInput], nullable('What it gives; checked where it is said.'))
  outputs?: SignatureOutputInput[] | null;

  @Field(() => FeatureRow, nullable('A row of features; a model that is to be served has to answer it.'))
  inputExample?: FeatureRowValue | null;
}

@InputType({
  description:
    'A figure by which a model is judged. JSON has no NaN and no infinities, and they are refused here: leave a metric out that could not be computed. ' +
    'Where a rule of the quality policy asks for it, it then counts as not measured.',
})
export class MetricInput {
  @Field(() => String, { description: 'auc, f1, logLoss, …' })
  name!: string;

  @Field(() => Float, { description: 'The figure; finite.' })
  value!: number;

  @Field(() => String, {
    defaultValue: 'held_out',
    description: 'The rows it was measured on; the quality gate looks at held_out.',
  })
  split!: string;

  @Field(() => Int, nullable('The step of training at which it was measured.'))
  step?: number | null;
}

@InputType({ description: 'One thing that a model was trained with.' })
export class ParamInput {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its value, as text.' })
  value!: string;
}

@InputType({
  description:
    'A model to offer to the quality gate: a training run, or artifacts that were uploaded with what their maker says of them.',
})
export class RegisterModelVersionInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => ID, nullable('Id of a training run of that model which succeeded. Give either this or artifacts.'))
  trainingRunId?: string | null;

  @Field(
    () => ModelArtifactsInput,
    nullable('What was uploaded. The fields from signature to environment belong to it.'),
  )
  artifacts?: ModelArtifactsInput | null;

  @Field(() => ModelSignatureInput, nullable('What the uploaded model takes and gives; needed with artifacts.'))
  signature?: ModelSignatureInput | null;

  @Field(() => [MetricInput], nullable('Its figures, one for each name and split.'))
  metrics?: MetricInput[] | null;

  @Field(() => [ParamInput], nullable('What it was trained with.'))
  params?: ParamInput[] | null;

  @Field(() => Int, nullable('How many held-out rows its metrics were measured on; 0 when it is not said.'))
  evaluationRows?: number | null;

  @Field(() => Float, nullable('A probability from here on is answered with yes; .5 when it is not said.'))
  decisionThreshold?: number | null;

  @Field(
    () => ID,
    nullable(
      'The dataset that it was trained on: on those of its rows that are not held out. With it the gate looks at the quality of the data, and compares with ' +
        'production on held-out rows, which also make the reference of drift reports.',
    ),
  )
  datasetId?: string | null;

  @Field(() => String, nullable('Fingerprint of the data that it was trained on, for data from elsewhere.'))
  datasetFingerprint?: string | null;

  @Field(() => JSONObject, nullable('Where it was made: versions of languages and libraries.'))
  environment?: Record<string, unknown> | null;

  @Field(() => String, nullable('What is new in it.'))
  description?: string | null;

  @Field(() => JSONObject, nullable('Free names and values; values are texts.'))
  tags?: Record<string, string> | null;

  @Field(() => String, nullable('The commit of the code that made it.'))
  codeCommit?: string | null;

  @Field(() => String, nullable('Makes the same request, sent again within 24 hours, answer as before.'))
  idempotencyKey?: string | null;
  @Field(
    () => ExperimentInput,
    nullable('The MLflow run that it came from: linked in the same transaction as the version, and then imported.'),
  )
  experiment?: ExperimentInput | null;
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
