import type { DataSource } from 'typeorm';
import { InvalidInput } from '../../errors';
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
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  /**
   * All or none. An outcome that is recorded again replaces the former: corrections are common.
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
      // Sorted, so that two requests that correct the same predictions wait for each other in one order.
      await manager.query(
        `INSERT INTO prediction_outcomes (prediction_id, outcome, observed_at, actor)
         SELECT id, outcome, coalesce(observed_at, now()), $4
         FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS given (id, outcome, observed_at) ORDER BY id
         ON CONFLICT (prediction_id) DO UPDATE
         SET outcome = excluded.outcome, observed_at = excluded.observed_at, actor = excluded.actor, recorded_at = now()`,
        [ids, outcomes.map(({ outcome }) => outcome), outcomes.map(({ observedAt }) => observedAt ?? null), actor.name],
      );
      return outcomes.length;
    });
  }
}

const at = (index: number): string[] => ['input', 'outcomes', String(index), 'predictionId'];

function refuseRepeated(ids: readonly string[]): void {
  const seen = new Set<string>();
  ids.forEach((id, index) => {
    if (seen.has(id)) throw new InvalidInput(at(index), 'this prediction stands in the list twice');
    seen.add(id);
  });
}
