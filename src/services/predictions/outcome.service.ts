import type { DataSource, EntityManager } from 'typeorm';
import { InvalidInput } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, authorize } from '../identity';

export interface Outcome {
  readonly predictionId: string;
  /** What truly happened. */
  readonly outcome: boolean;
  /** When it happened or was noticed; now where absent. */
  readonly observedAt?: Date | null;
}

const MAX_OUTCOMES = 10_000;

/** Records what truly happened after predictions, found again by the id that predict gave. */
export class OutcomeService {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /**
   * All or none. An outcome that is recorded again replaces the former: corrections are common, and what they change is audited by model.
   * @returns how many were recorded
   * @throws InvalidInput naming the first prediction that is unknown or repeated by its place in the list
   */
  async record(outcomes: readonly Outcome[], actor: Actor): Promise<number> {
    authorize(actor, 'outcome.record');
    if (outcomes.length < 1 || outcomes.length > MAX_OUTCOMES) {
      throw new InvalidInput('input.outcomes', `${outcomes.length} outcomes in one request; send 1 to ${MAX_OUTCOMES}`);
    }
    const ids = outcomes.map(({ predictionId }) => predictionId);
    refuseRepeated(ids);

    return inTransaction(this.deps.dataSource, async (manager) => {
      const known = await manager.query<{ id: string }[]>('SELECT id FROM predictions WHERE id = ANY($1::uuid[])', [
        ids,
      ]);
      const knownIds = new Set(known.map(({ id }) => id));
      const unknown = ids.findIndex((id) => !knownIds.has(id));
      if (unknown >= 0)
        throw new InvalidInput(
          at(unknown),
          'there is no such prediction; nothing was recorded. Use the id that predict answered',
        );
      const corrections = await write(manager, outcomes, actor);
      for (const { modelId, ...details } of corrections) {
        const subject = `Model:${modelId}`;
        await this.deps.audit.append(manager, { modelId, actor, action: 'outcome.correct', subject, details });
      }
      return outcomes.length;
    });
  }
}

/** How many outcomes of a model a batch changed after they had been recorded, and to what. */
interface Corrections {
  readonly modelId: string;
  readonly count: number;
  readonly toTrue: number;
  readonly toFalse: number;
}

/**
 * Inserts what is new, then replaces the rest: two statements, because an upsert does not tell what it replaced. Both go through the predictions in
 * one order, so that two requests that correct the same ones wait for each other and not in a circle.
 * @returns one for each model with corrections, by the model's id: the order in which their chains are locked
 */
async function write(manager: EntityManager, outcomes: readonly Outcome[], actor: Actor): Promise<Corrections[]> {
  const given = `unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS given (id, outcome, observed_at)`;
  const columns = [
    outcomes.map(({ predictionId }) => predictionId),
    outcomes.map(({ outcome }) => outcome),
    outcomes.map(({ observedAt }) => observedAt ?? null),
  ];
  const inserted = await manager.query<{ id: string }[]>(
    `INSERT INTO prediction_outcomes (prediction_id, outcome, observed_at, actor)
     SELECT id, outcome, coalesce(observed_at, now()), $4 FROM ${given} ORDER BY id
     ON CONFLICT (prediction_id) DO NOTHING RETURNING prediction_id AS id`,
    [...columns, actor.name],
  );
  if (inserted.length === outcomes.length) return [];
  return manager.query<Corrections[]>(
    `WITH former AS (
       SELECT old.prediction_id, old.outcome AS was, old.observed_at AS was_observed_at, given.outcome, given.observed_at
       FROM prediction_outcomes AS old JOIN ${given} ON given.id = old.prediction_id
       WHERE NOT old.prediction_id = ANY($5::uuid[])
       ORDER BY old.prediction_id FOR UPDATE OF old
     ), replaced AS (
       UPDATE prediction_outcomes AS new
       SET outcome = former.outcome, observed_at = coalesce(former.observed_at, now()), actor = $4, recorded_at = now()
       FROM former WHERE new.prediction_id = former.prediction_id
       RETURNING new.prediction_id, former.was <> former.outcome AS turned, former.outcome,
         former.was <> former.outcome OR former.observed_at <> former.was_observed_at AS changed
     )
     SELECT prediction.model_id AS "modelId", count(*)::int AS count,
       (count(*) FILTER (WHERE turned AND outcome))::int AS "toTrue", (count(*) FILTER (WHERE turned AND NOT outcome))::int AS "toFalse"
     FROM replaced JOIN predictions AS prediction ON prediction.id = replaced.prediction_id
     WHERE changed GROUP BY 1 ORDER BY 1`,
    [...columns, actor.name, inserted.map(({ id }) => id)],
  );
}

const at = (index: number): string[] => ['input', 'outcomes', String(index), 'predictionId'];

function refuseRepeated(ids: readonly string[]): void {
  const seen = new Set<string>();
  ids.forEach((id, index) => {
    if (seen.has(id)) throw new InvalidInput(at(index), 'this prediction stands in the list twice');
    seen.add(id);
  });
}
