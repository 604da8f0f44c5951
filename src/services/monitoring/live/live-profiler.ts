import type { Prediction } from '../../../entities';
import type { Logger } from '../../../logger';
import type { PredictionProfiler, ProfileDelta } from '../../predictions';
import { encodeCounts } from './count-codec';
import { groupBy } from './group-by';
import type { ProfileLayout } from './profile-layout';
import type { ProfileLayouts } from './profile-layouts';
import { startOf } from './profile-grain.policy';

const NOT_COUNTED = Buffer.alloc(0);

/**
 * Counts the PRIMARY predictions of each write to the log, by version and minute. The log commits them with the rows, so that profile and log agree
 * exactly, whatever dies and however many replicas serve.
 */
export class LiveProfiler implements PredictionProfiler {
  constructor(private readonly deps: { readonly layouts: ProfileLayouts; readonly logger: Logger }) {}

  async deltasOf(rows: readonly Prediction[]): Promise<readonly ProfileDelta[]> {
    const primary = rows.filter(({ variant }) => variant === 'PRIMARY');
    const deltas: ProfileDelta[] = [];
    for (const [modelVersionId, ofVersion] of groupBy(primary, (row) => row.modelVersionId)) {
      const layout = await this.layoutOf(modelVersionId);
      if (layout === null) continue;
      for (const [minute, ofMinute] of groupBy(ofVersion, (row) => startOf('MINUTE', row.predictedAt).getTime())) {
        const counts = layout === 'UNREADABLE' ? NOT_COUNTED : countsOf(layout, ofMinute);
        deltas.push({ modelVersionId, minute: new Date(minute), rowCount: ofMinute.length, counts });
      }
    }
    return deltas;
  }

  private async layoutOf(modelVersionId: string): Promise<ProfileLayout | 'UNREADABLE' | null> {
    try {
      return await this.deps.layouts.get(modelVersionId);
    } catch (err) {
      this.deps.logger.warn({ err, modelVersionId }, 'predictions are missing from the live profile of their version');
      return 'UNREADABLE';
    }
  }
}

function countsOf(layout: ProfileLayout, rows: readonly Prediction[]): Buffer {
  const counts = new Float64Array(layout.slotCount);
  for (const row of rows) layout.add(counts, row);
  return encodeCounts(counts);
}
