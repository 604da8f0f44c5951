import fc from 'fast-check';
import { singleColumnAuc, TELLTALE_AUC } from '../../../examples/churn/csv/telltale-columns';
import { Random } from '../../../examples/churn/random';

const random = new Random(4);
const labels = Array.from({ length: 2_000 }, () => random.chance(0.25));

describe('singleColumnAuc', () => {
  it('is near 1 for the label in other words, for a score of it, and for a reason that only those who left have', () => {
    expect(
      singleColumnAuc(
        labels.map((churned) => (churned ? 'left' : 'here')),
        labels,
      ),
    ).toBe(1);
    expect(
      singleColumnAuc(
        labels.map((churned) => (churned ? 60 : 20) + 10 * random.next()),
        labels,
      ),
    ).toBeGreaterThan(TELLTALE_AUC);
    expect(
      singleColumnAuc(
        labels.map((churned, i) => (churned ? `reason number ${i}` : null)),
        labels,
      ),
    ).toBe(1);
  });

  it('is near a half for noise, be it of levels or of numbers', () => {
    expect(
      singleColumnAuc(
        labels.map(() => random.below(3)),
        labels,
      ),
    ).toBeLessThan(0.56);
    expect(
      singleColumnAuc(
        labels.map(() => random.next()),
        labels,
      ),
    ).toBeLessThan(0.62);
    expect(
      singleColumnAuc(
        labels.map((_, i) => `name ${i}`),
        labels,
      ),
    ).toBe(0.5);
  });

  it('agrees with counting the pairs, for columns of few levels', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', null), fc.boolean()), { minLength: 2, maxLength: 40 }),
        (rows) => {
          const rate = (level: string | null) => {
            const same = rows.filter(([other]) => other === level);
            return same.filter(([, churned]) => churned).length / same.length;
          };
          const positives = rows.filter(([, churned]) => churned);
          const negatives = rows.filter(([, churned]) => !churned);
          let right = 0;
          for (const [a] of positives)
            for (const [b] of negatives) right += rate(a) > rate(b) ? 1 : rate(a) === rate(b) ? 0.5 : 0;
          const pairs = positives.length * negatives.length;
          const auc = singleColumnAuc(
            rows.map(([level]) => level),
            rows.map(([, churned]) => churned),
          );
          expect(auc).toBeCloseTo(pairs === 0 ? 0.5 : right / pairs, 12);
        },
      ),
    );
  });
});
