import { InvalidInput } from '../errors';

/** The kinds of things that have a global id. Each is also the name of its GraphQL type, but for Job, an interface. */
export const NODE_KINDS = [
  'Alert',
  'AlertMute',
  'AlertRule',
  'ApiToken',
  'ArtifactUpload',
  'Dataset',
  'DriftReport',
  'FeatureBatch',
  'FeatureEntity',
  'FeatureQualityReport',
  'FeatureService',
  'FeatureServiceVersion',
  'FeatureView',
  'Job',
  'Model',
  'ModelExperiment',
  'ModelSubmission',
  'ModelTransition',
  'ModelVersion',
  'Prediction',
  'TrainingRun',
  'TransitionRequest',
  'TriggerEvaluation',
  'Webhook',
  'WebhookDelivery',
] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export interface GlobalId {
  readonly kind: NodeKind;
  /** The row's uuid. */
  readonly key: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id that clients see: base64url of "Kind:uuid". */
export function toGlobalId(kind: NodeKind, key: string): string {
  return Buffer.from(`${kind}:${key}`).toString('base64url');
}

/**
 * Reads an id of any kind.
 * @param field where the id stands in the request, for example 'input.datasetId'
 * @throws InvalidInput when the text was not made by toGlobalId
 */
export function parseGlobalId(id: string, field: string | readonly string[] = 'id'): GlobalId {
  const [kind, key, ...rest] = Buffer.from(id, 'base64url').toString().split(':');
  // Encoding it again refuses what base64url decoders forgive (padding, stray characters): an id has one spelling.
  if (!isNodeKind(kind) || !UUID.test(key ?? '') || rest.length > 0 || toGlobalId(kind, key) !== id) {
    throw new InvalidInput(
      field,
      `${JSON.stringify(id)} is not an id that this API gave. Pass one as you received it.`,
    );
  }
  return { kind, key };
}

/**
 * Reads an id that must be of one kind, and returns the row's uuid.
 * @param field where the id stands in the request, for example 'input.datasetId'
 * @throws InvalidInput when it is forged or of another kind
 */
export function fromGlobalId(id: string, expected: NodeKind, field: string | readonly string[] = 'id'): string {
  const { kind, key } = parseGlobalId(id, field);
  if (kind !== expected) throw new InvalidInput(field, `this is the id of a ${kind}; expected one of a ${expected}`);
  return key;
}

const isNodeKind = (text: string | undefined): text is NodeKind => NODE_KINDS.some((kind) => kind === text);
