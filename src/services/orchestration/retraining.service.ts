import type { DataSource } from 'typeorm';
import {
  Model,
  ModelVersion,
  type RetrainingOutcome,
  type Stage,
  type TrainingRun,
  TriggerEvaluation,
} from '../../entities';
import { RequestWaits, ApprovalRequired, BaselineChanged, Cancelled, NotReady, StageConflict } from '../../errors';
import { inTransaction } from '../database';
import { recordEvent } from '../events';
import type { DatasetService } from '../features';
import { type Actor, systemActor } from '../identity';
import type { JobContext, JobQueue } from '../jobs';
import { recordLineage } from '../lineage';
import type { StageService, TransitionInput, TransitionRequestService, VersionService } from '../registry';
import type { RunSubmissionService, Submitted, TrainingService } from '../training';
import { DRIFT_TRIGGER, type RetrainingJob } from './drift-trigger';
import { decidePromotion, heldOutFigures } from './promotion.policy';
import type { RetrainingPolicyService } from './retraining-policy.service';

interface Dependencies {
  readonly dataSource: DataSource;
  readonly jobs: JobQueue;
  readonly datasets: DatasetService;
  readonly versions: VersionService;
  readonly stages: StageService;
  readonly transitionRequests: TransitionRequestService;
  readonly training: TrainingService;
  readonly submissions: RunSubmissionService;
  readonly policies: RetrainingPolicyService;
}

/** One retraining on its way. */
interface Retraining {
  readonly input: RetrainingJob;
  readonly evaluation: TriggerEvaluation;
  readonly model: Model;
  readonly actor: Actor;
  readonly job: JobContext;
}

/** People promote while a model is compared with production; more often than this in one retraining they do not. */
const MAX_COMPARISONS = 3;

/**
 * Retrains a model: the dataset of the version that drifted anew with what has come since, its algorithm and parameters, the quality gate, the
 * comparison with production, the promotion. What a step makes follows from the job's input alone and carries the idempotency key of the trigger
 * evaluation, so that after a crash the job walks the same way again and finds done what was done.
 */
export class RetrainingService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<RetrainingJob>('RETRAINING', (input, job) => this.retrain(input, job), {
      onFailed: (input, error, job) => this.conclude(input.triggerEvaluationId, failed(error.message), job),
    });
  }

  private async retrain(input: RetrainingJob, job: JobContext): Promise<void> {
    const { manager } = this.deps.dataSource;
    const evaluation = await manager.findOneByOrFail(TriggerEvaluation, { id: input.triggerEvaluationId });
    if (evaluation.outcome) return;
    const model = await manager.findOneByOrFail(Model, { id: evaluation.modelId });
    const actor = systemActor(DRIFT_TRIGGER, job.actor.requestId);
    const retraining = { input, evaluation, model, actor, job };

    const run = await this.train(retraining);
    job.progress(0.8, 'Submitting to the quality gate');
    const submitted = await this.submit(retraining, run);
    job.progress(0.95, 'Deciding on the promotion');
    job.signal.throwIfAborted();
    await this.conclude(evaluation.id, await this.promote(retraining, submitted), job);
  }

  private async train(retraining: Retraining): Promise<TrainingRun> {
    const { evaluation, job } = retraining;
    const runId = evaluation.trainingRunId ?? (await this.startTraining(retraining));
    const [run] = await this.deps.training.find([runId]);
    job.progress(0.3, 'Training');
    await this.waitFor(run.jobId, retraining);
    return run;
  }

  /** @returns the run's id */
  private async startTraining(retraining: Retraining): Promise<string> {
    const { input, evaluation, model, actor, job } = retraining;
    const formerRun = await this.formerRun(retraining);
    job.progress(0.05, 'Building the dataset');
    const datasetId = await this.buildDataset(formerRun.datasetId, retraining);
    const { algorithm, parameters, seed } = formerRun;
    const training = { model: model.name, datasetId, algorithm, parameters, seed };
    const { trainingRun } = await this.deps.training.start(
      { ...training, idempotencyKey: `${evaluation.id}:training` },
      'DRIFT',
      actor,
    );
    await inTransaction(this.deps.dataSource, async (manager) => {
      await manager.update(TriggerEvaluation, { id: evaluation.id }, { trainingRunId: trainingRun.id });
      await recordLineage(manager, [`DriftReport:${input.driftReportId}`], `TrainingRun:${trainingRun.id}`);
    });
    return trainingRun.id;
  }

  /** The run of the version that drifted, also when another one has gone to production since. @throws NotReady */
  private async formerRun({ input, model }: Retraining): Promise<TrainingRun> {
    const drifted = await this.deps.dataSource.manager.findOneByOrFail(ModelVersion, { id: input.modelVersionId });
    const [run] = drifted.trainingRunId === null ? [] : await this.deps.training.find([drifted.trainingRunId]);
    if (run) return run;
    const name = `${model.name} ${drifted.version}`;
    throw new NotReady('model version', name, 'trained elsewhere', 'Train its successor there, too.');
  }

  /** The definition of the former dataset with an open end: what was labelled since is in it. @returns the dataset's id */
  private async buildDataset(formerId: string, retraining: Retraining): Promise<string> {
    const { input, evaluation, actor } = retraining;
    const { lookbackSeconds } = input;
    const from =
      lookbackSeconds === null ? undefined : new Date(evaluation.createdAt.getTime() - lookbackSeconds * 1000);
    const definition = await this.deps.datasets.rebuildDefinition(formerId, { from, to: null });
    const { dataset, job } = await this.deps.datasets.create(
      { ...definition, idempotencyKey: `${evaluation.id}:dataset` },
      actor,
    );
    await this.waitFor(job.id, retraining);
    return dataset.id;
  }

  /** The version that the run became, or its rejection; compared anew where production has moved meanwhile. */
  private async submit({ model, actor }: Retraining, run: TrainingRun): Promise<Submitted> {
    const former = await this.deps.versions.submissionOfRun(run.id);
    if (former) return former;
    for (let comparison = 1; ; comparison++) {
      try {
        return await this.deps.submissions.submit(run.id, model.name, { description: 'Retrained after drift' }, actor);
      } catch (error) {
        if (!(error instanceof BaselineChanged) || comparison === MAX_COMPARISONS) throw error;
      }
    }
  }

  /** Moves the new version to STAGING, and to PRODUCTION if the policy, as it is by now, says so. */
  private async promote(
    { evaluation, model, actor }: Retraining,
    { submission, modelVersion }: Submitted,
  ): Promise<RetrainingOutcome> {
    const { comparison } = submission;
    const figures = { modelVersionId: modelVersion?.id ?? null, ...heldOutFigures(comparison) };
    if (!modelVersion) {
      const problems = submission.checks.filter((check) => !check.passed).map((check) => check.message);
      return { promoted: false, reason: `The quality gate rejected it: ${problems.join(' ')}`, ...figures };
    }
    const policy = await this.deps.policies.find(model.id);
    const { promote, reason } = policy
      ? decidePromotion(policy.policy.promotion, comparison)
      : { promote: false, reason: 'There is no retraining policy any more.' };
    const move = (expectedStage: Stage, toStage: Stage, why: string) =>
      this.moveOrAsk(
        {
          ...{ model: model.name, version: modelVersion.version, expectedStage, toStage, reason: why },
          ...(toStage === 'PRODUCTION' ? { replaces: comparison?.modelVersionId ?? null } : {}),
          idempotencyKey: `${evaluation.id}:${toStage.toLowerCase()}`,
        },
        actor,
      );
    const waitsFor = (toStage: Stage): RetrainingOutcome => ({
      promoted: false,
      reason: `${reason} The move to ${toStage} waits for approval.`,
      ...figures,
    });
    try {
      if (!(await move('NONE', 'STAGING', 'Retrained after drift'))) return waitsFor('STAGING');
      if (!promote) return { promoted: false, reason, ...figures };
      if (!(await move('STAGING', 'PRODUCTION', reason))) return waitsFor('PRODUCTION');
      return { promoted: true, reason, ...figures };
    } catch (error) {
      // A person has moved this version or production since the gate, and people come first.
      if (error instanceof StageConflict || error instanceof BaselineChanged)
        return { promoted: false, reason: `Left to a person: ${error.message}`, ...figures };
      throw error;
    }
  }

  /** @returns whether the version has moved; if not, others have been asked to approve it */
  private async moveOrAsk(input: TransitionInput, actor: Actor): Promise<boolean> {
    const { stages, transitionRequests } = this.deps;
    try {
      await stages.transition(input, actor);
      return true;
    } catch (error) {
      if (!(error instanceof ApprovalRequired)) throw error;
    }
    try {
      await transitionRequests.request(input, actor);
    } catch (error) {
      // Somebody was quicker.
      if (!(error instanceof RequestWaits)) throw error;
    }
    return false;
  }

  private async conclude(
    triggerEvaluationId: string,
    outcome: RetrainingOutcome,
    { actor }: JobContext,
  ): Promise<void> {
    await inTransaction(this.deps.dataSource, async (manager) => {
      const evaluation = await manager.findOneOrFail(TriggerEvaluation, {
        where: { id: triggerEvaluationId },
        lock: { mode: 'pessimistic_write' },
      });
      if (evaluation.outcome) return;
      await manager.update(TriggerEvaluation, { id: triggerEvaluationId }, { outcome });
      await recordEvent(manager, {
        type: 'RETRAINING_FINISHED',
        modelId: evaluation.modelId,
        payload: { triggerEvaluationId, promoted: outcome.promoted },
        actor,
      });
    });
  }

  /**
   * Waits for a job that this one started, and cancels it when this one is cancelled. When the server stops instead, both go on after the next start.
   * @throws the reason of the signal; Cancelled, NotReady when the other one ended so
   */
  private async waitFor(jobId: string, { job: { signal }, actor }: Retraining): Promise<void> {
    const { jobs } = this.deps;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    try {
      signal.throwIfAborted();
      const { status, errorMessage } = await Promise.race([jobs.wait(jobId), aborted]);
      if (status === 'CANCELLED') throw new Cancelled('The retraining');
      if (status === 'FAILED') {
        const remedy = 'Mend the cause, then train by hand or wait for the next report.';
        throw new NotReady('job', jobId, `FAILED (${errorMessage ?? 'unknown'})`, remedy);
      }
    } catch (error) {
      if (signal.reason instanceof Cancelled) {
        await jobs.cancel(jobId, actor);
        await jobs.wait(jobId);
      }
      throw error;
    }
  }
}

const failed = (message: string): RetrainingOutcome => ({
  promoted: false,
  reason: `The retraining failed: ${message}`,
  modelVersionId: null,
  comparedRowCount: 0,
  comparison: [],
});
