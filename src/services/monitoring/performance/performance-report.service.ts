import type { ModelVersion, MonitoringRules } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { ArtifactStore } from '../../artifacts';
import { decodeCursor, encodeCursor, type ListArgs, type Page } from '../../database';
import type { LoggedPrediction, PredictionReader } from '../../predictions';
import type { VersionService } from '../../registry';
import { normalQuantile, type PerformanceFigures, undefinedPerformance } from '../../statistics';
import { parseReferenceProfile, type ReferenceProfile } from '../../training';
import type { MonitoringPolicyService } from '../monitoring-policy.service';
import { type PerformanceFlag, performanceFlags } from './performance-flags.policy';
import { PerformanceSliceBuilder, type SliceRules } from './performance-slice';
import { performanceWindows, type PerformanceWindow } from './performance-windows.policy';
import { type SegmentGroups, segmentGroups } from './segment-groups.policy';

export interface PerformanceReportsInput extends ListArgs {
  readonly model: string;
  /** Absent: the production version. */
  readonly version?: number | null;
  readonly from: Date;
  readonly to: Date;
  /** Length of a window; a day where absent. */
  readonly windowSeconds?: number | null;
  /** A feature of the version. */
  readonly segmentBy?: string | null;
}

/** The predictions of a window, or those of it that fall into one group of a feature. */
export interface PerformanceSlice {
  /** null for all predictions of the window. */
  readonly group: string | null;
  readonly predictionCount: number;
  readonly labelCount: number;
  /** Share of the predictions whose outcome is known; null without predictions. */
  readonly labelCoverage: number | null;
  readonly flags: readonly PerformanceFlag[];
  readonly realised: PerformanceFigures;
  readonly estimated: PerformanceFigures;
}

export interface PerformanceReport {
  readonly modelId: string;
  readonly modelVersionId: string;
  readonly windowStart: Date;
  readonly windowEnd: Date;
  readonly decisionThreshold: number;
  readonly confidence: number;
  readonly overall: PerformanceSlice;
  readonly segmentBy: string | null;
  /** Groups with predictions in the window, in the order of the groups. */
  readonly segments: readonly PerformanceSlice[];
}

/** What all windows of an answer have in common. */
interface Plan {
  readonly version: ModelVersion;
  readonly profile: ReferenceProfile | null;
  readonly groups: SegmentGroups | null;
  readonly policy: MonitoringRules;
  readonly rules: SliceRules;
  readonly comparisons: number;
}

interface Dependencies {
  readonly artifacts: ArtifactStore;
  readonly versions: VersionService;
  readonly predictions: PredictionReader;
  readonly policies: MonitoringPolicyService;
}

/** A request holds some 24 bytes of each, and reads 100,000 in about a second. */
export const MAX_PERFORMANCE_ROWS = 200_000;
const CONFIDENCE = 0.95;
const LIST = 'performance reports';

/** How the predictions of a version did, window by window: by their outcomes where those are known, and by their confidence where not. */
export class PerformanceReportService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * The windows of [from, to), oldest first. They are computed from the prediction log when they are asked for, so that late and corrected outcomes
   * count.
   * @param signal of the request: nothing more is read when it is aborted
   * @throws InvalidInput, also for a page with more than {@link MAX_PERFORMANCE_ROWS} predictions; NotFound, CursorInvalid
   */
  async list(input: PerformanceReportsInput, signal: AbortSignal): Promise<Page<PerformanceReport>> {
    const choice = input.version == null ? { stage: 'PRODUCTION' as const } : { version: input.version };
    const { model, modelVersion } = await this.deps.versions.select({ model: input.model, ...choice });
    const { count, windowAt } = performanceWindows(input);
    const start = input.after == null ? 0 : Number(decodeCursor(LIST, ['integer'], input.after)[0]) + 1;
    const indices = Array.from({ length: Math.max(0, Math.min(input.first, count - start)) }, (_, row) => start + row);
    const isBinary = model.taskType === 'BINARY_CLASSIFICATION';
    const plan = await this.plan(modelVersion, input, indices.length);
    const budget = { rows: MAX_PERFORMANCE_ROWS };

    const rows: PerformanceReport[] = [];
    for (const index of indices) {
      const window = windowAt(index);
      const slices = isBinary ? await this.slices(plan, window, budget, signal) : notApplicable();
      rows.push({
        modelId: modelVersion.modelId,
        modelVersionId: modelVersion.id,
        windowStart: new Date(window.start),
        windowEnd: new Date(window.end),
        decisionThreshold: modelVersion.decisionThreshold,
        confidence: CONFIDENCE,
        segmentBy: input.segmentBy ?? null,
        ...slices,
      });
    }
    return {
      rows,
      cursors: indices.map((index) => encodeCursor(LIST, [index])),
      hasNextPage: start + indices.length < count,
      totalCount: () => Promise.resolve(count),
    };
  }

  private async plan(version: ModelVersion, { segmentBy }: PerformanceReportsInput, windows: number): Promise<Plan> {
    const digest = version.referenceProfileDigest;
    const profile = digest === null ? null : parseReferenceProfile(await this.deps.artifacts.get(digest));
    if (segmentBy != null && profile === null) {
      throw new InvalidInput(
        'segmentBy',
        `version ${version.version} was registered without a reference profile, which fixes the groups; leave segmentBy out`,
      );
    }
    const dtypes = new Map(version.signature.inputs.map(({ name, dtype }) => [name, dtype]));
    const groups = segmentBy != null && profile !== null ? segmentGroups(segmentBy, dtypes, profile) : null;
    const { policy } = await this.deps.policies.get(version.modelId);
    const rules = {
      threshold: version.decisionThreshold,
      z: normalQuantile(CONFIDENCE),
      calibration: profile?.concept.calibration ?? null,
    };
    return { version, profile, groups, policy, rules, comparisons: windows * (1 + (groups?.names.length ?? 0)) };
  }

  private async slices(plan: Plan, window: PerformanceWindow, budget: { rows: number }, signal: AbortSignal) {
    const { version, groups } = plan;
    const all = new PerformanceSliceBuilder();
    const byGroup = groups?.names.map(() => new PerformanceSliceBuilder()) ?? [];
    for await (const page of this.deps.predictions.window(version.id, new Date(window.start), new Date(window.end))) {
      signal.throwIfAborted();
      budget.rows -= page.length;
      if (budget.rows < 0) throw tooManyRows();
      all.add(page);
      if (groups === null) continue;
      const parts = byGroup.map((): LoggedPrediction[] => []);
      for (const prediction of page) parts[groups.groupOf(prediction.features[groups.feature])].push(prediction);
      parts.forEach((part, index) => {
        if (part.length > 0) byGroup[index].add(part);
      });
    }
    const overall = await toSlice(plan, window, null, all);
    const segments: PerformanceSlice[] = [];
    for (const [index, builder] of byGroup.entries()) {
      const slice = await toSlice(plan, window, groups?.names[index] ?? null, builder);
      if (slice.predictionCount > 0) segments.push(slice);
    }
    return { overall, segments };
  }
}

async function toSlice(
  { profile, policy, rules, comparisons }: Plan,
  window: PerformanceWindow,
  group: string | null,
  builder: PerformanceSliceBuilder,
): Promise<PerformanceSlice> {
  const { scores, invalidCount, estimatePValue, ...slice } = await builder.figures(rules);
  const flags = performanceFlags({
    ...slice,
    invalidCount,
    estimatePValue,
    comparisons,
    alpha: policy.alpha,
    minimumLabels: policy.minimumLabels,
    isOpen: window.end > Date.now(),
    hasReference: profile !== null,
    outsideRatio: profile === null ? 0 : outsideRatio(profile, scores),
  });
  const labelCoverage = slice.predictionCount === 0 ? null : slice.labelCount / slice.predictionCount;
  return { group, ...slice, labelCoverage, flags };
}

/** Share of the scores that are lower or higher than any of the reference. */
function outsideRatio({ prediction: { bins } }: ReferenceProfile, scores: Float64Array): number {
  if (bins.kind !== 'NUMERIC' || bins.edges.length === 0 || scores.length === 0) return 0;
  const [lowest, highest] = [bins.edges[0], bins.edges[bins.edges.length - 1]];
  return scores.filter((score) => score < lowest || score > highest).length / scores.length;
}

const notApplicable = (): Pick<PerformanceReport, 'overall' | 'segments'> => {
  const none = undefinedPerformance('NOT_APPLICABLE');
  const counts = { predictionCount: 0, labelCount: 0, labelCoverage: null };
  return {
    overall: { group: null, ...counts, flags: ['NOT_APPLICABLE'], realised: none, estimated: none },
    segments: [],
  };
};

const tooManyRows = (): InvalidInput =>
  new InvalidInput(
    'to',
    `the windows of this page have more than ${MAX_PERFORMANCE_ROWS} predictions; ask for fewer windows at a time (first), or for shorter ones (windowSeconds)`,
    { maximumRows: MAX_PERFORMANCE_ROWS },
  );
