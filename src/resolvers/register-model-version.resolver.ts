import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { InvalidInput } from '../errors';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import {
  type ModelArtifactsInput,
  RegisterModelVersionInput,
  RegisterModelVersionPayload,
} from '../schema/register-model-version';
import type { ArtifactReference, UploadedModel } from '../services/training';

const OF_UPLOADS = [
  'signature',
  'metrics',
  'params',
  'evaluationRows',
  'decisionThreshold',
  'datasetId',
  'datasetFingerprint',
  'environment',
] as const satisfies readonly (keyof RegisterModelVersionInput)[];

@Resolver()
export class RegisterModelVersionResolver {
  @Mutation(() => RegisterModelVersionPayload, {
    description:
      'Offers a model to the quality gate, which looks at data and model: the model of a training run, or one that was uploaded. Where the dataset is ' +
      'known it is compared with production on the same held-out rows. What passes gets the next version number; a rejection is an outcome, not an error.',
  })
  registerModelVersion(
    @Arg('input', () => RegisterModelVersionInput, { description: 'The run, or what was uploaded.' })
    input: RegisterModelVersionInput,
    @Ctx() ctx: Context,
  ) {
    const { model, trainingRunId, artifacts, idempotencyKey = null } = input;
    if ((trainingRunId == null) === (artifacts == null))
      throw new InvalidInput('input.trainingRunId', 'give exactly one of trainingRunId and artifacts');
    const { description, tags, codeCommit, experiment } = input;
    const labels = { description, tags, codeCommit, experiment };
    if (artifacts != null)
      return ctx.services.uploadSubmissions.submit(
        model,
        uploadedModel(input, artifacts),
        labels,
        ctx.actor,
        idempotencyKey,
      );

    const surplus = OF_UPLOADS.find((field) => input[field] != null);
    if (surplus) throw new InvalidInput(`input.${surplus}`, 'is the training run’s to say; leave it out');
    const runId = fromGlobalId(trainingRunId ?? '', 'TrainingRun', 'input.trainingRunId');
    return ctx.services.submissions.submit(runId, model, labels, ctx.actor, idempotencyKey);
  }
}

function uploadedModel(input: RegisterModelVersionInput, artifacts: ModelArtifactsInput): UploadedModel {
  const { signature, datasetId } = input;
  if (signature == null)
    throw new InvalidInput('input.signature', 'is needed with artifacts: say what the model takes');
  const { inputs, outputs, inputExample } = signature;
  const named = (role: keyof ModelArtifactsInput) => {
    const text = artifacts[role];
    return text == null ? null : referenceOf(text, `input.artifacts.${role}`);
  };
  return {
    artifacts: {
      model: referenceOf(artifacts.model, 'input.artifacts.model'),
      preprocessing: named('preprocessing'),
      evaluationReport: named('evaluationReport'),
      referenceProfile: named('referenceProfile'),
    },
    signature: { inputs, outputs: outputs ?? undefined, inputExample: inputExample ?? undefined },
    metrics: input.metrics ?? [],
    params: input.params ?? [],
    evaluationRows: input.evaluationRows ?? 0,
    decisionThreshold: input.decisionThreshold ?? 0.5,
    datasetId: datasetId == null ? null : fromGlobalId(datasetId, 'Dataset', 'input.datasetId'),
    datasetFingerprint: input.datasetFingerprint ?? null,
    environment: input.environment ?? {},
  };
}

const referenceOf = (text: string, field: string): ArtifactReference =>
  /^[0-9a-f]{64}$/.test(text) ? { digest: text } : { uploadId: fromGlobalId(text, 'ArtifactUpload', field) };
