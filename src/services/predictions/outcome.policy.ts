import type { FeatureValue } from '../../entities';
import { InvalidInput } from '../../errors';

/** What truly happened, after one prediction or after those of an entity. Exactly one of predictionId, and model with entity. */
export interface Outcome {
  readonly predictionId?: string | null;
  readonly model?: string | null;
  /** Join keys, all of them. */
  readonly entity?: Readonly<Record<string, FeatureValue>> | null;
  /** The newest answer about the entity at or before this moment. */
  readonly at?: Date | null;
  /** With `at`: how old that answer may be. */
  readonly horizonSeconds?: number | null;
  /** Instead of `at`: every prediction about the entity made in [from, to). */
  readonly from?: Date | null;
  readonly to?: Date | null;
  /** What truly happened. */
  readonly outcome: boolean;
  /** When it happened or was noticed; now where absent. */
  readonly observedAt?: Date | null;
}

/** Which predictions an outcome is about. */
export type OutcomeReference =
  | { readonly kind: 'ID'; readonly predictionId: string }
  /** The newest answer in [from, to]. */
  | {
      readonly kind: 'NEWEST';
      readonly model: string;
      readonly entity: object;
      readonly from: Date | null;
      readonly to: Date;
    }
  /** All in [from, to). */
  | {
      readonly kind: 'PERIOD';
      readonly model: string;
      readonly entity: object;
      readonly from: Date;
      readonly to: Date;
    };

export const MAX_OUTCOMES = 10_000;

/** Ten years. */
const MAX_HORIZON_SECONDS = 315_360_000;

export const outcomePath = (index: number, field: string): string[] => ['input', 'outcomes', String(index), field];

/** @throws InvalidInput naming the field that is missing, too many or out of range */
export function referenceOf(outcome: Outcome, index: number): OutcomeReference {
  const { predictionId, model, entity, at, horizonSeconds, from, to } = outcome;
  const refuse = (field: keyof Outcome, problem: string): never => {
    throw new InvalidInput(outcomePath(index, field), problem);
  };
  if (predictionId != null) {
    const others = (['model', 'entity', 'at', 'horizonSeconds', 'from', 'to'] as const).find(
      (name) => outcome[name] != null,
    );
    if (others) refuse(others, 'goes without predictionId, which says it all');
    return { kind: 'ID', predictionId };
  }
  if (entity == null)
    return refuse('predictionId', 'give predictionId, or model and entity with at, or with from and to');
  if (model == null) return refuse('model', 'is missing; it goes with entity');
  if (Object.keys(entity).length === 0) refuse('entity', 'is empty; give all join keys, as the prediction shows them');
  for (const [name, value] of Object.entries(entity)) {
    if (value === null || typeof value === 'object') {
      throw new InvalidInput([...outcomePath(index, 'entity'), name], 'a join key is a text, a number or a boolean');
    }
  }
  if (at != null) {
    if (from != null || to != null) refuse(from != null ? 'from' : 'to', 'goes without at: give at, or from and to');
    if (horizonSeconds == null) return { kind: 'NEWEST', model, entity, from: null, to: at };
    if (!(horizonSeconds > 0 && horizonSeconds <= MAX_HORIZON_SECONDS)) {
      refuse('horizonSeconds', `${horizonSeconds} is out of range; expected more than 0, to ${MAX_HORIZON_SECONDS}`);
    }
    return { kind: 'NEWEST', model, entity, from: new Date(at.getTime() - horizonSeconds * 1000), to: at };
  }
  if (horizonSeconds != null) refuse('horizonSeconds', 'goes with at only');
  if (from == null) return refuse(to == null ? 'at' : 'from', 'is missing: give at, or from and to');
  if (to == null) return refuse('to', 'is missing; it goes with from');
  if (from >= to) refuse('to', 'must be later than from');
  return { kind: 'PERIOD', model, entity, from, to };
}
