import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { ColumnTable } from '../../../src/columns';
import { rocAuc, SeededRandom } from '../../../src/services/statistics';
import { fitModel, type FittedModel } from '../../../src/services/training/fit-model';

/** IBM's Telco sample lies beside the project, not in it. */
const FILE = path.resolve(__dirname, '../../../../shared/data/telco.csv');
const isThere = existsSync(FILE);
const describeWithTelco = isThere ? describe : describe.skip;
const FOLDS = 5;
const NUMERIC = ['SeniorCitizen', 'tenure', 'MonthlyCharges', 'TotalCharges'];

function readTelco(): { table: ColumnTable; labels: Float64Array } {
  const rows: Record<string, string>[] = parse(readFileSync(FILE), { columns: true });
  const names = Object.keys(rows[0]).filter((name) => name !== 'customerID' && name !== 'Churn');
  const columns = names.map((name) => {
    const values = rows.map((row) => row[name].trim());
    return NUMERIC.includes(name)
      ? { name, kind: 'NUMERIC' as const, values: Float64Array.from(values, (value) => (value ? Number(value) : NaN)) }
      : { name, kind: 'CATEGORICAL' as const, values };
  });
  return {
    table: { rowCount: rows.length, columns },
    labels: Float64Array.from(rows, ({ Churn }) => (Churn === 'Yes' ? 1 : 0)),
  };
}

/** The fold of each row, the same share of both classes in each. */
function stratifiedFolds(labels: Float64Array, seed: number): Uint8Array {
  const folds = new Uint8Array(labels.length);
  const seen = [0, 0];
  for (const row of new SeededRandom(seed).permutation(labels.length)) folds[row] = seen[labels[row]]++ % FOLDS;
  return folds;
}

describeWithTelco(
  `The trainer on Telco${isThere ? '' : ' (skipped: shared/data/telco.csv is not beside the project)'}`,
  () => {
    const fitted: FittedModel[] = [];
    let labels = new Float64Array(0);

    beforeAll(async () => {
      const telco = readTelco();
      labels = Float64Array.from(telco.labels);
      const folds = stratifiedFolds(labels, 42);
      for (let fold = 0; fold < FOLDS; fold++) {
        const heldOut = folds.map((of) => (of === fold ? 1 : 0));
        fitted.push(await fitModel({ ...telco, heldOut, algorithm: 'GRADIENT_BOOSTING', parameters: {}, seed: 42 }));
      }
    }, 60_000);

    const meanAuc = (probabilitiesOf: (model: FittedModel) => Float64Array) => {
      const aucs = fitted.map((model) => {
        const actual = Float64Array.from(model.heldOutRows, (row) => labels[row]);
        return rocAuc(probabilitiesOf(model), actual) ?? NaN;
      });
      return aucs.reduce((sum, auc) => sum + auc, 0) / FOLDS;
    };

    it('reaches the AUC that the data allow over five stratified folds, and no more', () => {
      const auc = meanAuc(({ heldOutProbabilities }) => heldOutProbabilities);
      expect(auc).toBeGreaterThan(0.838);
      expect(auc).toBeLessThan(0.856);
    });

    it('reaches with the baseline what scikit-learn reaches with logistic regression', () => {
      const auc = meanAuc(({ baseline }) => baseline.heldOutProbabilities);
      expect(Math.abs(auc - 0.845)).toBeLessThan(0.004);
    });

    it('exports every fold as it was trained', () => {
      expect(Math.max(...fitted.map(({ parityMaxError }) => parityMaxError))).toBeLessThan(1e-6);
    });
  },
);
