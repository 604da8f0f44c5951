import type { Prediction } from '../../entities';
import { DomainError } from '../../errors';
import type { PredictionObserver, ServedBy } from './prediction-observer';

/** A prediction, or the reason why this row has none. */
export type BatchResult =
  | { readonly prediction: Prediction; readonly error: null }
  | { readonly prediction: null; readonly error: DomainError };

/** What a fault is called towards clients. */
const FAULT = 'INTERNAL_SERVER_ERROR';

/** One request for predictions, as far as its errors are concerned. */
export class PredictionAttempt {
  private by: ServedBy | undefined;

  constructor(
    private readonly observer: PredictionObserver,
    private readonly model: string,
    private readonly rowCount: number,
    /** The version that such requests had last, for one that fails before it has its own. */
    private readonly last: () => ServedBy | undefined,
  ) {}

  versionFound(by: ServedBy): void {
    this.by = by;
  }

  /** Tells the observer of the rows that get no prediction: those with an error of their own, or all of them. */
  async answer(predict: () => Promise<BatchResult[]>): Promise<BatchResult[]> {
    try {
      const results = await predict();
      for (const { error } of results) if (error) this.failed(error, 1);
      return results;
    } catch (error) {
      // An empty batch is refused as one.
      this.failed(error, Math.max(1, this.rowCount));
      throw error;
    }
  }

  private failed(error: unknown, rowCount: number): void {
    const code = error instanceof DomainError ? error.code : FAULT;
    const { modelVersionId = null } = this.by ?? this.last() ?? {};
    this.observer.failed({ model: this.model, isKnown: this.by !== undefined, code, modelVersionId }, rowCount);
  }
}
