import type { DataSource } from 'typeorm';
import { type FeatureValue, Prediction, PredictionOutcome } from '../../entities';
import { type ListArgs, listPage, type Page } from '../database';
import { filtered, type PredictionFilter } from './prediction-filter';
import { idLookups } from './prediction-id';

/** One prediction of a monitoring window. */
export interface LoggedPrediction {
  readonly id: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly probability: number;
  /** null until it is known. */
  readonly outcome: boolean | null;
}

const NEWEST_FIRST = { by: ['predictedAt', 'id'], direction: 'DESC' } as const;
/** Of 50 features each, counting so many holds the event loop for about 10 ms. */
const WINDOW_PAGE = 250;
/** Before every id. */
const NIL_ID = '00000000-0000-0000-0000-000000000000';

/** Reads the prediction log. */
export class PredictionReader {
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  async find(ids: readonly string[]): Promise<Prediction[]> {
    const found = idLookups(ids).map((lookup) =>
      this.rows()
        .where('prediction.predictedAt BETWEEN :first AND :last AND prediction.id = ANY(:ids)', lookup)
        .getMany(),
    );
    return (await Promise.all(found)).flat();
  }

  async outcomes(predictionIds: readonly string[]): Promise<PredictionOutcome[]> {
    const found = idLookups(predictionIds).map((lookup) =>
      this.deps.dataSource.manager
        .createQueryBuilder(PredictionOutcome, 'outcome')
        .where('outcome.predictedAt BETWEEN :first AND :last AND outcome.predictionId = ANY(:ids)', lookup)
        .getMany(),
    );
    return (await Promise.all(found)).flat();
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

  /** Newest first. @throws InvalidInput */
  list(filter: PredictionFilter, args: ListArgs): Promise<Page<Prediction>> {
    return listPage(filtered(this.rows(), filter), args, NEWEST_FIRST);
  }

  /**
   * The PRIMARY predictions of a version that were made in [from, to), in the order in which they were made. In pages, so that a large window
   * neither fills memory nor holds the event loop.
   * @param afterId predictions of the first millisecond up to this one are left out
   */
  async *window(
    modelVersionId: string,
    from: Date,
    to: Date,
    afterId: string | null = null,
  ): AsyncGenerator<readonly LoggedPrediction[]> {
    let last: { predicted_at: Date; id: string } | null = afterId === null ? null : { predicted_at: from, id: afterId };
    for (;;) {
      const page: (LoggedPrediction & { predicted_at: Date })[] = await this.deps.dataSource.query(
        // The bounds stand twice: those of a partition's rows are not those of the other table's.
        `SELECT id, features, probability, outcome, prediction.predicted_at
         FROM predictions AS prediction LEFT JOIN prediction_outcomes AS known ON known.prediction_id = id
           AND known.predicted_at = prediction.predicted_at AND known.predicted_at >= $2 AND known.predicted_at < $3
         WHERE model_version_id = $1 AND variant = 'PRIMARY' AND prediction.predicted_at >= $2 AND prediction.predicted_at < $3
           AND (prediction.predicted_at, id) > ($4::timestamptz, $5::uuid)
         ORDER BY prediction.predicted_at, id LIMIT ${WINDOW_PAGE}`,
        [modelVersionId, from, to, last?.predicted_at ?? '-infinity', last?.id ?? NIL_ID],
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
