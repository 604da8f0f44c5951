import type { BinaryEvaluation, MulticlassEvaluation, RegressionEvaluation, SegmentMetrics } from '../statistics';

/** How a model did on held-out rows, by the type of its task. Plain JSON; docs/evaluation-report.md describes the format. */
export type EvaluationReport = (BinaryEvaluation | MulticlassEvaluation | RegressionEvaluation) & {
  /** The same figures by the values of features; empty where they were not looked at. */
  readonly segments: readonly SegmentMetrics[];
  /** Features with few values that were left out, because there would be too many segments in all; absent where it is not said. */
  readonly unsegmentedFeatures?: readonly string[];
};

export const FORMAT = 'mooring-evaluation-report';
export const FORMAT_VERSION = 1;

export const serializeEvaluationReport = (report: EvaluationReport): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ format: FORMAT, formatVersion: FORMAT_VERSION, ...report }));

/**
 * A stored report, with its `metrics` and its `segments`. It is not checked again: that happened when it was registered.
 * @returns null for JSON of any other form, which is its owner's, and for reports of another Mooring
 */
export function readEvaluationReport(bytes: Uint8Array): EvaluationReport | null {
  const report = JSON.parse(new TextDecoder().decode(bytes)) as
    (EvaluationReport & { readonly format?: string; readonly formatVersion?: number }) | null;
  return report?.format === FORMAT && report.formatVersion === FORMAT_VERSION ? report : null;
}
