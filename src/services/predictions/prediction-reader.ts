import type { DataSource } from 'typeorm';
import { type FeatureValue, Prediction, PredictionOutcome } from '../../entities';
import { type ListArgs, listPage, type Page } from '../database';

/** One prediction of a monitoring window. */
export interface LoggedPrediction {
  readonly id: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly probability: number;
  /** null until it is known. */
  readonly outcome: boolean | null;
}

const WINDOW_PAGE = 5000;

/** Reads the prediction log. */
export class PredictionReader {
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  find(ids: readonly string[]): Promise<Prediction[]> {
    return this.rows().where('prediction.id = ANY(:ids)', { ids }).getMany();
  }

  outcomes(predictionIds: readonly string[]): Promise<PredictionOutcome[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(PredictionOutcome, 'outcome')
      .where('outcome.predictionId = ANY(:predictionIds)', { predictionIds })
      .getMany();
  }

  /** How many predictions of a version are in the log. */
  count(modelVersionId: string): Promise<number> {
    return this.deps.dataSource.manager.countBy(Prediction, { modelVersionId });
  }

  /** How many predictions name an entity by these keys. Values may have come as numbers or as texts: they are compared as texts. */
  async countOfEntity(key: Readonly<Record<string, string | number | boolean>>): Promise<number> {
    const query = this.rows();
    Object.entries(key).forEach(([name, value], index) => {
      query.andWhere(`prediction.entity ->> :name${index} = :value${index}`, {
        [`name${index}`]: name,
        [`value${index}`]: String(value),
      });
    });
    return query.getCount();
  }

  /** Newest first. */
  list(modelId: string, args: ListArgs): Promise<Page<Prediction>> {
    const order = { by: ['predictedAt', 'id'], direction: 'DESC' } as const;
    return listPage(this.rows().where('prediction.modelId = :modelId', { modelId }), args, order);
  }

  /**
   * The PRIMARY predictions of a version that were made in [from, to), in the order in which they were made. In pages, so that a large window
   * neither fills memory nor holds the event loop.
   */
  async *window(modelVersionId: string, from: Date, to: Date): AsyncGenerator<readonly LoggedPrediction[]> {
    let last: { predicted_at: Date; id: string } | undefined;
    for (;;) {
      const page: (LoggedPrediction & { predicted_at: Date })[] = await this.deps.dataSource.query(
        `SELECT id, features, probability, outcome, predicted_at
         FROM predictions LEFT JOIN prediction_outcomes ON prediction_id = id
         WHERE model_version_id = $1 AND variant = 'PRIMARY' AND predicted_at >= $2 AND predicted_at < $3
           AND ($4::timestamptz IS NULL OR (predicted_at, id) > ($4, $5::uuid))
         ORDER BY predicted_at, id LIMIT ${WINDOW_PAGE}`,
        [modelVersionId, from, to, last?.predicted_at ?? null, last?.id ?? null],
      );
      if (page.length > 0) yield page;
      if (page.length < WINDOW_PAGE) return;
      last = page[page.length - 1];
    }
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(Prediction, 'prediction');
  }
}
