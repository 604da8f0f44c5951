import type { DataSource, EntityManager } from 'typeorm';
import { InvalidInput } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';
import { MAX_OUTCOMES, type Outcome, outcomePath, referenceOf } from './outcome.policy';
import { findTargets, type OutcomeTarget } from './outcome-targets';

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  /** How long predictions are kept. */
  readonly retentionDays: number;
}

/** A prediction with its outcome as it is to be recorded. */
interface Labelled extends OutcomeTarget {
  readonly outcome: boolean;
  readonly observedAt: Date | null;
}

/** A prediction whose outcome was there before and is another now. */
interface Correction {
  readonly predictionId: string;
  readonly outcome: boolean;
  /** Whether it is the opposite now; otherwise only its time is another. */
  readonly turned: boolean;
}

/** Records what truly happened after predictions, found again by the id that predict gave, or by entity and time. */
export class OutcomeService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * All or none. An outcome that is recorded again replaces the former: corrections are common, and what they change is audited by model. What is new or
   * changed is told as OUTCOMES_RECORDED, once for each version.
   * @returns how many predictions have their outcome by this request
   * @throws InvalidInput, NotFound or PredictionExpired naming the first outcome by its place in the list whose prediction is unknown, no longer kept, or
   *   repeated
   */
  async record(outcomes: readonly Outcome[], actor: Actor): Promise<number> {
    authorize(actor, 'outcome.record');
    if (outcomes.length < 1 || outcomes.length > MAX_OUTCOMES) {
      throw new InvalidInput('input.outcomes', `${outcomes.length} outcomes in one request; send 1 to ${MAX_OUTCOMES}`);
    }
    const references = outcomes.map(referenceOf);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const targets = await findTargets(manager, references, this.deps.retentionDays);
      refuseRepeated(targets, outcomes);
      const labelled = targets.map((target) => {
        const { outcome, observedAt } = outcomes[target.position];
        return { ...target, outcome, observedAt: observedAt ?? null };
      });
      const inserted = await insert(manager, labelled, actor);
      const former = labelled.filter(({ predictionId }) => !inserted.has(predictionId));
      const corrections = former.length > 0 ? await replace(manager, former, actor) : [];

      const corrected = new Map(corrections.map((correction) => [correction.predictionId, correction]));
      const changed = labelled.filter(({ predictionId }) => inserted.has(predictionId) || corrected.has(predictionId));
      await this.tell(manager, changed, actor);
      await this.auditCorrections(manager, labelled, corrected, actor);
      return labelled.length;
    });
  }

  private async tell(manager: EntityManager, changed: readonly Labelled[], actor: Actor): Promise<void> {
    for (const [modelVersionId, predictions] of groupBy(changed, (one) => one.modelVersionId)) {
      const times = predictions.map(({ predictedAt }) => predictedAt.toISOString()).sort();
      await recordEvent(manager, {
        type: 'OUTCOMES_RECORDED',
        modelId: predictions[0].modelId,
        payload: {
          modelVersionId,
          firstPredictedAt: times[0],
          lastPredictedAt: times[times.length - 1],
          count: predictions.length,
        },
        actor,
      });
    }
  }

  /** One entry for each model with corrections, by the model's id: the order in which their chains are locked. */
  private async auditCorrections(
    manager: EntityManager,
    labelled: readonly Labelled[],
    corrected: ReadonlyMap<string, Correction>,
    actor: Actor,
  ): Promise<void> {
    const byModel = groupBy(
      labelled.filter(({ predictionId }) => corrected.has(predictionId)),
      ({ modelId }) => modelId,
    );
    for (const [modelId, predictions] of [...byModel].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const corrections = predictions.map(({ predictionId }) => corrected.get(predictionId));
      const details = {
        count: corrections.length,
        toTrue: corrections.filter((correction) => correction?.turned && correction.outcome).length,
        toFalse: corrections.filter((correction) => correction?.turned && !correction.outcome).length,
      };
      const subject = `Model:${modelId}`;
      await this.deps.audit.append(manager, { modelId, actor, action: 'outcome.correct', subject, details });
    }
  }
}

const GIVEN = `unnest($1::uuid[], $2::timestamptz[], $3::boolean[], $4::timestamptz[]) AS given (id, predicted_at, outcome, observed_at)`;

const columnsOf = (labelled: readonly Labelled[]) => [
  labelled.map(({ predictionId }) => predictionId),
  labelled.map(({ predictedAt }) => predictedAt),
  labelled.map(({ outcome }) => outcome),
  labelled.map(({ observedAt }) => observedAt),
];

/**
 * Inserts what is new; `replace` does the rest: two statements, because an upsert does not tell what it replaced. Both go through the predictions in
 * one order, so that two requests that correct the same ones wait for each other and not in a circle.
 * @returns ids of those that had none
 */
async function insert(manager: EntityManager, labelled: readonly Labelled[], actor: Actor): Promise<Set<string>> {
  const inserted = await manager.query<{ id: string }[]>(
    `INSERT INTO prediction_outcomes (prediction_id, predicted_at, outcome, observed_at, actor)
     SELECT id, predicted_at, outcome, coalesce(observed_at, now()), $5 FROM ${GIVEN} ORDER BY id
     ON CONFLICT (prediction_id, predicted_at) DO NOTHING RETURNING prediction_id AS id`,
    [...columnsOf(labelled), actor.name],
  );
  return new Set(inserted.map(({ id }) => id));
}

/** @returns those that are changed by it */
function replace(manager: EntityManager, former: readonly Labelled[], actor: Actor): Promise<Correction[]> {
  return manager.query<Correction[]>(
    `WITH former AS (
       SELECT old.prediction_id, old.predicted_at, old.outcome AS was, old.observed_at AS was_observed_at, given.outcome, given.observed_at
       FROM prediction_outcomes AS old JOIN ${GIVEN} ON given.id = old.prediction_id AND given.predicted_at = old.predicted_at
       ORDER BY old.prediction_id FOR UPDATE OF old
     ), replaced AS (
       UPDATE prediction_outcomes AS new
       SET outcome = former.outcome, observed_at = coalesce(former.observed_at, now()), actor = $5, recorded_at = now()
       FROM former WHERE new.prediction_id = former.prediction_id AND new.predicted_at = former.predicted_at
       RETURNING new.prediction_id AS id, former.was <> former.outcome AS turned, former.outcome,
         former.was <> former.outcome OR former.observed_at <> former.was_observed_at AS changed
     )
     SELECT id AS "predictionId", turned, outcome FROM replaced WHERE changed`,
    [...columnsOf(former), actor.name],
  );
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

/** Two outcomes of one prediction in one request contradict each other, or one of them is a mistake. */
function refuseRepeated(targets: readonly OutcomeTarget[], outcomes: readonly Outcome[]): void {
  const seen = new Map<string, number>();
  for (const { predictionId, position } of targets) {
    const first = seen.get(predictionId);
    seen.set(predictionId, position);
    if (first === undefined) continue;
    const field = outcomes[position].predictionId == null ? 'entity' : 'predictionId';
    throw new InvalidInput(
      outcomePath(position, field),
      field === 'predictionId' && outcomes[first].predictionId != null
        ? 'this prediction stands in the list twice'
        : `a prediction that this outcome is about has one by outcomes.${first} already; nothing was recorded`,
    );
  }
}
