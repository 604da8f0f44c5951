import type { ModelVersion } from '../../entities';
import type { ArtifactStore } from '../artifacts';
import type { EvaluationCurves } from '../statistics';

const FORMAT = { format: 'mooring-evaluation-curves', formatVersion: 1 } as const;

export const serializeEvaluationReport = (curves: EvaluationCurves): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ ...FORMAT, ...curves }));

/** How versions did on held-out rows, as their training kept it. */
export class EvaluationReports {
  constructor(private readonly deps: { readonly artifacts: Pick<ArtifactStore, 'get'> }) {}

  /** null for a version whose training kept no curves. Reports that were uploaded are their owner's: they are not looked into. @throws ArtifactCorrupt */
  async of({ evaluationReportDigest, trainingRunId }: ModelVersion): Promise<EvaluationCurves | null> {
    if (evaluationReportDigest === null || trainingRunId === null) return null;
    const report = JSON.parse(new TextDecoder().decode(await this.deps.artifacts.get(evaluationReportDigest))) as
      (EvaluationCurves & Partial<typeof FORMAT>) | null;
    return report?.format === FORMAT.format && report.formatVersion === FORMAT.formatVersion ? report : null;
  }
}
