import type { DataSource } from 'typeorm';
import type { DriftVerdict, FeatureDrift, ModelVersion, PredictionDrift } from '../../../entities';
import { InvalidInput, NotServable } from '../../../errors';
import type { VersionService } from '../../registry';
import { analyseDrift } from '../drift-analysis.policy';
import type { MonitoringPolicyService } from '../monitoring-policy.service';
import type { ProfileLayouts } from './profile-layouts';
import { readLiveProfile } from './read-live-profile';

export interface LiveDriftInput {
  readonly model: string;
  /** Absent: the production version. */
  readonly version?: number | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly lastMinutes?: number | null;
}

/** Drift of features and predictions, from counts alone. */
export interface LiveDrift {
  readonly modelVersion: ModelVersion;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly referenceRowCount: number;
  readonly currentRowCount: number;
  readonly uncountedRowCount: number;
  readonly verdict: DriftVerdict;
  readonly features: readonly FeatureDrift[];
  readonly prediction: PredictionDrift;
}

const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 366 * 24 * 60;

/** What the last minutes look like, at once: from the counts that serving leaves, without reading the log, without a job, and with nothing stored. */
export class LiveDriftService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly versions: Pick<VersionService, 'select'>;
      readonly policies: Pick<MonitoringPolicyService, 'get'>;
      readonly layouts: ProfileLayouts;
      /** For tests. */
      readonly now?: () => Date;
    },
  ) {}

  /** @throws InvalidInput, NotFound, NotServable when the version has no reference profile */
  async read(input: LiveDriftInput): Promise<LiveDrift> {
    const { dataSource, versions, policies, layouts, now } = this.deps;
    const window = windowOf(input, now?.() ?? new Date());
    const choice = input.version == null ? { stage: 'PRODUCTION' as const } : { version: input.version };
    const { model, modelVersion } = await versions.select({ model: input.model, ...choice });
    const layout = await layouts.get(modelVersion.id);
    if (layout === null) {
      throw new NotServable(
        `${model.name} ${modelVersion.version}`,
        'it was registered without a reference profile, so there is nothing to compare with',
      );
    }
    const { policy } = await policies.get(model.id);
    const { windowStart, windowEnd, rowCount, counts } = await readLiveProfile(
      dataSource,
      modelVersion.id,
      layout,
      window,
    );
    const current = layout.windowOf(counts);
    const { verdict, result } = analyseDrift(layout.profile, current, policy, modelVersion.decisionThreshold);
    return {
      modelVersion,
      windowStart,
      windowEnd,
      referenceRowCount: result.referenceRowCount,
      currentRowCount: current.rowCount,
      uncountedRowCount: rowCount - current.rowCount,
      verdict,
      features: result.features,
      prediction: result.prediction,
    };
  }
}

/** @throws InvalidInput */
function windowOf({ from, to, lastMinutes }: LiveDriftInput, now: Date): readonly [Date, Date] {
  if (from == null && to == null) {
    const minutes = lastMinutes ?? DEFAULT_MINUTES;
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_MINUTES)
      throw new InvalidInput('lastMinutes', `${minutes} is not a whole number from 1 to ${MAX_MINUTES}, a year`);
    return [new Date(now.getTime() - minutes * 60_000), now];
  }
  if (lastMinutes != null)
    throw new InvalidInput('lastMinutes', 'stands beside from and to; give either that or these');
  if (from == null || to == null)
    throw new InvalidInput(from == null ? 'from' : 'to', 'is missing; give both ends of the window, or lastMinutes');
  if (from >= to) throw new InvalidInput('to', 'must be later than from');
  return [from, to];
}
