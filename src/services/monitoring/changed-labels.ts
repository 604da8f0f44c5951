import type { EntityManager } from 'typeorm';
import type { DriftReport, DriftResult } from '../../entities';
import { countLabels } from '../predictions';
import { areLabelsMaterial } from './late-labels.policy';

/** Outcomes that were being committed when a report read its own count as new: better looked at twice than never. */
const COMMIT_MS = 10_000;

/** Whether outcomes have come or were corrected since a report, so that it is worth making it again; by counting, not by reading them. */
export async function haveLabelsChanged(
  manager: EntityManager,
  report: DriftReport,
  { currentRowCount, labelledRowCount, concept }: DriftResult,
): Promise<boolean> {
  const readAt = report.labelsReadAt ?? report.createdAt;
  const before = new Date(readAt.getTime() - COMMIT_MS);
  const { labelled, recordedBefore } = await countLabels(manager, report.modelVersionId, report, before);
  return areLabelsMaterial({
    rowCount: currentRowCount,
    knownLabels: labelledRowCount,
    labels: labelled,
    correctedLabels: Math.max(0, labelledRowCount - recordedBefore),
    concept: concept.verdict,
  });
}
