import type { EntityManager } from 'typeorm';
import { type DomainError, InvalidInput, NotFound } from '../../errors';
import { type OutcomeReference, outcomePath } from './outcome.policy';
import { PredictionExpired } from './prediction-errors';
import { isAboutEntity } from './prediction-filter';
import { timeOfPredictionId } from './prediction-id';
import { keptSince } from './prediction-partitions';

/** A prediction, and the place of the outcome that is about it. */
export interface OutcomeTarget {
  readonly position: number;
  readonly predictionId: string;
  readonly predictedAt: Date;
  readonly modelId: string;
  readonly modelVersionId: string;
}

/** A period may be long and its entity busy; a request is one transaction. */
const MAX_TARGETS = 100_000;

const FOUND = `id AS "predictionId", prediction.predicted_at AS "predictedAt", prediction.model_id AS "modelId", model_version_id AS "modelVersionId"`;

const IS_ENTITY = `prediction.model_id = given.model_id AND ${isAboutEntity('prediction.entity', 'given.entity')}`;

type ById = Extract<OutcomeReference, { kind: 'ID' }>;
type Newest = Extract<OutcomeReference, { kind: 'NEWEST' }>;
type Period = Extract<OutcomeReference, { kind: 'PERIOD' }>;
interface Placed<Reference> {
  readonly position: number;
  readonly reference: Reference;
}

/**
 * Finds the predictions that outcomes are about. Whoever writes the outcomes does so in the same transaction: until it ends, the partitions that were
 * read cannot be dropped.
 * @returns at least one for every reference, in the order of the references
 * @throws InvalidInput, NotFound or PredictionExpired for the first reference without a prediction, by its place
 */
export async function findTargets(
  manager: EntityManager,
  references: readonly OutcomeReference[],
  retentionDays: number,
): Promise<OutcomeTarget[]> {
  const placed = <Reference extends OutcomeReference>(kind: Reference['kind']) =>
    references.flatMap((reference, position): Placed<Reference>[] =>
      reference.kind === kind ? [{ position, reference: reference as Reference }] : [],
    );
  const newest = placed<Newest>('NEWEST');
  const periods = placed<Period>('PERIOD');
  const byEntity = [...newest, ...periods].sort((a, b) => a.position - b.position);
  const modelIds = await modelIdsOf(manager, byEntity);
  const found = [
    ...(await findByIds(manager, placed<ById>('ID'))),
    ...(await findNewest(manager, newest, modelIds)),
    ...(await findInPeriods(manager, periods, modelIds)),
  ].sort((a, b) => a.position - b.position);
  const answered = new Set(found.map(({ position }) => position));
  const missing = references.findIndex((_, position) => !answered.has(position));
  if (missing >= 0) throw notFound(references[missing], missing, retentionDays);
  return found;
}

async function findByIds(manager: EntityManager, asked: readonly Placed<ById>[]): Promise<OutcomeTarget[]> {
  const dated = asked.filter(({ reference }) => timeOfPredictionId(reference.predictionId) !== null);
  const undated = asked.filter(({ reference }) => timeOfPredictionId(reference.predictionId) === null);
  const columnsOf = (some: typeof asked) => [
    some.map(({ position }) => position),
    some.map(({ reference }) => reference.predictionId),
  ];
  const find = (given: string, parameters: unknown[]) =>
    manager.query<OutcomeTarget[]>(`SELECT position, ${FOUND} FROM ${given}`, parameters);
  const found: OutcomeTarget[] = [];
  if (dated.length > 0) {
    // By id and time each: one partition is looked into for each.
    const times = dated.map(({ reference }) => timeOfPredictionId(reference.predictionId));
    const given = `unnest($1::integer[], $2::uuid[], $3::timestamptz[]) AS given (position, id, predicted_at) JOIN predictions AS prediction USING (id, predicted_at)`;
    found.push(...(await find(given, [...columnsOf(dated), times])));
  }
  if (undated.length > 0) {
    const given = `unnest($1::integer[], $2::uuid[]) AS given (position, id) JOIN predictions AS prediction USING (id)`;
    found.push(...(await find(given, columnsOf(undated))));
  }
  return found;
}

/** Newest in the order of the log, by time and id, of what was answered in the traffic: whichever version it was, primary or canary. */
function findNewest(
  manager: EntityManager,
  asked: readonly Placed<Newest>[],
  modelIds: ReadonlyMap<string, string>,
): Promise<OutcomeTarget[]> | OutcomeTarget[] {
  if (asked.length === 0) return [];
  return manager.query<OutcomeTarget[]>(
    `SELECT position, newest.* FROM ${GIVEN_ENTITIES}, LATERAL (
       SELECT ${FOUND} FROM predictions AS prediction
       WHERE ${IS_ENTITY} AND variant IN ('PRIMARY', 'CANARY') AND predicted_at BETWEEN given.from_time AND given.to_time
       ORDER BY predicted_at DESC, id DESC LIMIT 1
     ) AS newest`,
    entityColumns(asked, modelIds),
  );
}

/** Of any variant, shadows and trials too: what truly happened does not depend on who was asked. */
async function findInPeriods(
  manager: EntityManager,
  asked: readonly Placed<Period>[],
  modelIds: ReadonlyMap<string, string>,
): Promise<OutcomeTarget[]> {
  if (asked.length === 0) return [];
  const found = await manager.query<OutcomeTarget[]>(
    `SELECT position, ${FOUND} FROM ${GIVEN_ENTITIES} JOIN predictions AS prediction
       ON ${IS_ENTITY} AND predicted_at >= given.from_time AND predicted_at < given.to_time LIMIT ${MAX_TARGETS + 1}`,
    entityColumns(asked, modelIds),
  );
  if (found.length <= MAX_TARGETS) return found;
  throw new InvalidInput(
    'input.outcomes',
    `they belong to more than ${MAX_TARGETS} predictions; nothing was recorded. Send fewer, or shorter periods`,
  );
}

const GIVEN_ENTITIES = `unnest($1::integer[], $2::uuid[], $3::jsonb[], $4::timestamptz[], $5::timestamptz[]) AS given (position, model_id, entity, from_time, to_time)`;

const entityColumns = (asked: readonly Placed<Newest | Period>[], modelIds: ReadonlyMap<string, string>) => [
  asked.map(({ position }) => position),
  asked.map(({ reference }) => modelIds.get(reference.model)),
  asked.map(({ reference }) => JSON.stringify(reference.entity)),
  asked.map(({ reference }) => reference.from ?? '-infinity'),
  asked.map(({ reference }) => reference.to),
];

/** @throws NotFound for the first one that names no model */
async function modelIdsOf(
  manager: EntityManager,
  asked: readonly Placed<Newest | Period>[],
): Promise<ReadonlyMap<string, string>> {
  if (asked.length === 0) return new Map();
  const names = [...new Set(asked.map(({ reference }) => reference.model))];
  const models = await modelIdsByName(manager, names);
  const unknown = asked.find(({ reference }) => !models.has(reference.model));
  if (!unknown) return models;
  const path = outcomePath(unknown.position, 'model');
  throw new NotFound('model', unknown.reference.model, 'Nothing was recorded.', path);
}

async function modelIdsByName(manager: EntityManager, names: readonly string[]): Promise<Map<string, string>> {
  const models = await manager.query<{ id: string; name: string }[]>(
    'SELECT id, name FROM models WHERE name = ANY($1) AND deleted_at IS NULL',
    [names],
  );
  return new Map(models.map(({ id, name }) => [name, id]));
}

function notFound(reference: OutcomeReference, position: number, retentionDays: number): DomainError {
  const kept = keptSince(retentionDays, new Date());
  if (reference.kind === 'ID') {
    const path = outcomePath(position, 'predictionId');
    const time = timeOfPredictionId(reference.predictionId);
    if (time !== null && time < kept) return new PredictionExpired(path, retentionDays, kept);
    return new InvalidInput(
      path,
      'there is no such prediction; nothing was recorded. Use the id that predict answered',
    );
  }
  const { entity, model, to } = reference;
  if (to < kept)
    return new PredictionExpired(outcomePath(position, reference.kind === 'NEWEST' ? 'at' : 'to'), retentionDays, kept);
  const key = Object.entries(entity).map(([name, value]) => `${name} = ${String(value)}`);
  const earliest = reference.from === null ? '' : ` from ${reference.from.toISOString()}`;
  const latest = reference.kind === 'NEWEST' ? `up to ${to.toISOString()}` : `before ${to.toISOString()}`;
  return new InvalidInput(
    outcomePath(position, 'entity'),
    `${model} has made no prediction about ${key.join(', ')}${earliest} ${latest}; nothing was recorded. Give every join key, as predictions show it`,
  );
}
