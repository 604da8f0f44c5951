import type { Column } from '../../src/columns';
import type { CurrentWindow } from '../../src/services/monitoring/drift-analysis.policy';
import { countBins } from '../../src/services/statistics';
import type { ReferenceProfile } from '../../src/services/training/reference-profile';
import { type Subscriber, tableOf } from './subscribers';

/**
 * Rows counted into the bins of a profile of subscribers, as a window of predictions is.
 * @param labelled how many of the rows have their outcome
 */
export function windowOf(
  profile: ReferenceProfile,
  rows: readonly Subscriber[],
  labelled = rows.length,
): CurrentWindow {
  const { columns } = tableOf(rows);
  const known = rows.slice(0, labelled);
  const values = Float64Array.from(rows, ({ probability }) => probability);
  return {
    rowCount: rows.length,
    features: profile.features.map(({ bins }, index) => countBins(bins, columns[index])),
    prediction: countBins(profile.prediction.bins, { name: 'probability', kind: 'NUMERIC', values }),
    labelled: {
      probabilities: values.slice(0, labelled),
      labels: known.map(({ churned }) => Number(churned)),
      ids: known.map(({ id }) => id),
    },
  };
}

/** The column of one feature of subscribers. */
export function columnOf(rows: readonly Subscriber[], feature: string): Column {
  const column = tableOf(rows).columns.find(({ name }) => name === feature);
  if (!column) throw new Error(`Subscribers have no feature ${feature}.`);
  return column;
}
