import type { ModelVersion } from '../../entities';
import type { ArtifactStore } from '../artifacts';
import { type EvaluationReport, readEvaluationReport } from './evaluation-report';

/** How versions did on held-out rows, as their training kept it or their maker says. */
export class EvaluationReports {
  constructor(private readonly deps: { readonly artifacts: Pick<ArtifactStore, 'get'> }) {}

  /** null for a version that has no report, or one in a format of its owner's. @throws ArtifactCorrupt */
  async of({ evaluationReportDigest }: Pick<ModelVersion, 'evaluationReportDigest'>): Promise<EvaluationReport | null> {
    return evaluationReportDigest === null
      ? null
      : readEvaluationReport(await this.deps.artifacts.get(evaluationReportDigest));
  }
}
