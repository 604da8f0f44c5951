import type { Prediction, Variant } from '../../entities';
import { DomainError } from '../../errors';

/** A prediction, or the reason why this row has none. */
export type BatchResult =
  | { readonly prediction: Prediction; readonly error: null }
  | { readonly prediction: null; readonly error: DomainError };

/** Told of every prediction and of every row that has none; the server keeps metrics by it. */
export interface PredictionObserver {
  predicted(
    labels: { readonly model: string; readonly version: number; readonly variant: Variant | null },
    seconds: number,
    rowCount: number,
  ): void;
  /**
   * @param failure.model as the client spelt it
   * @param failure.isKnown there is a model of that name; false also when the request failed before that was looked up
   */
  failed(failure: { readonly model: string; readonly isKnown: boolean; readonly code: string }, rowCount: number): void;
}

/** What a fault is called towards clients. */
const FAULT = 'INTERNAL_SERVER_ERROR';

/** One request for predictions, as far as its errors are concerned. */
export class PredictionAttempt {
  private isKnown = false;

  constructor(
    private readonly observer: PredictionObserver,
    private readonly model: string,
    private readonly rowCount: number,
  ) {}

  modelFound(): void {
    this.isKnown = true;
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
    this.observer.failed({ model: this.model, isKnown: this.isKnown, code }, rowCount);
  }
}
