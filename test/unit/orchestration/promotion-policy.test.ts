import type { PromotionCriteria } from '../../../src/entities';
import { decidePromotion, heldOutFigures } from '../../../src/services/orchestration/promotion.policy';

const criteria: PromotionCriteria = {
  automatic: true,
  metric: 'logLoss',
  minimumImprovement: 0.01,
  minimumHeldOutRows: 100,
};
const compared = (candidate: number, production: number, rowCount = 500) => ({
  modelVersionId: 'v',
  rowCount,
  candidate: { logLoss: candidate },
  production: { logLoss: production },
});

describe('Promotion after a retraining', () => {
  it('is given to a version that is better by the minimum on the same rows', () => {
    expect(decidePromotion(criteria, compared(0.4, 0.42)).promote).toBe(true);
  });

  it('is refused to a version that is worse, or not better by enough, with both figures', () => {
    expect(decidePromotion(criteria, compared(0.43, 0.42))).toMatchObject({
      promote: false,
      reason: expect.stringMatching(/0\.4300 against .* 0\.4200/) as string,
    });
    expect(decidePromotion(criteria, compared(0.415, 0.42)).promote).toBe(false);
  });

  it('is refused to an equal version even when no improvement is asked for', () => {
    expect(decidePromotion({ ...criteria, minimumImprovement: 0 }, compared(0.42, 0.42)).promote).toBe(false);
  });

  it('is refused when too few rows could be compared, or the metric is missing', () => {
    expect(decidePromotion(criteria, compared(0.1, 0.9, 99)).promote).toBe(false);
    expect(
      decidePromotion(criteria, { modelVersionId: 'v', rowCount: 500, candidate: {}, production: { logLoss: 0.4 } })
        .promote,
    ).toBe(false);
  });

  it('waits for a person when the policy says so', () => {
    expect(decidePromotion({ ...criteria, automatic: false }, compared(0.1, 0.9)).promote).toBe(false);
  });

  it('needs no comparison when nothing is in production', () => {
    expect(decidePromotion(criteria, null).promote).toBe(true);
  });
});

describe('The figures of a comparison', () => {
  it('are those of the metrics that both were measured by', () => {
    const comparison = {
      modelVersionId: 'v',
      rowCount: 30,
      production: { auc: 0.8, f1: 0.5 },
      candidate: { auc: 0.9, brier: 0.1 },
    };
    expect(heldOutFigures(comparison)).toEqual({
      comparedRowCount: 30,
      comparison: [{ metric: 'auc', production: 0.8, challenger: 0.9 }],
    });
    expect(heldOutFigures(null)).toEqual({ comparedRowCount: 0, comparison: [] });
  });
});
