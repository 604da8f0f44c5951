import type { DataSource } from 'typeorm';
import { type ActorRef, TriggerEvaluation } from '../../entities';
import type { Logger } from '../../logger';
import type { AuditTrail } from '../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../database';
import type { EventConsumers, MooringEvent } from '../events';
import { systemActor } from '../identity';
import type { JobQueue } from '../jobs';
import type { VersionService } from '../registry';
import type { TrainingService } from '../training';
import { decideOnDrift } from './drift-trigger.policy';
import type { RetrainingPolicyService } from './retraining-policy.service';

export const DRIFT_TRIGGER = 'system:drift-trigger';

/** All that decides what is retrained, as it was when the trigger fired. */
export interface RetrainingJob {
  readonly triggerEvaluationId: string;
  readonly driftReportId: string;
  /** The version that drifted. */
  readonly modelVersionId: string;
  readonly lookbackSeconds: number | null;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly logger: Logger;
  readonly jobs: JobQueue;
  readonly consumers: EventConsumers;
  readonly versions: VersionService;
  readonly training: TrainingService;
  readonly policies: RetrainingPolicyService;
}

/** Hears of drift and decides whether to retrain. Each report is evaluated once, however often its event is delivered. */
export class DriftTrigger {
  constructor(private readonly deps: Dependencies) {
    deps.consumers.add('drift-trigger', ['DRIFT_DETECTED'], (event) =>
      this.evaluate(event as MooringEvent<'DRIFT_DETECTED'>),
    );
  }

  find(ids: readonly string[]): Promise<TriggerEvaluation[]> {
    return this.rows().where('evaluation.id = ANY(:ids)', { ids }).getMany();
  }

  /** Newest first. */
  list(modelId: string, args: ListArgs): Promise<Page<TriggerEvaluation>> {
    return listPage(this.rows().where('evaluation.modelId = :modelId', { modelId }), args);
  }

  private async evaluate({ modelId, payload, requestId }: MooringEvent<'DRIFT_DETECTED'>): Promise<void> {
    if (modelId === null) return;
    const { driftReportId, modelVersionId } = payload;
    const { policies, training, versions, logger } = this.deps;
    const policy = await policies.find(modelId);
    const last = await this.lastFired(modelId);
    const { decision, reason } = decideOnDrift({
      rules: policy?.policy ?? null,
      paused: policy?.paused ?? false,
      lastFiredAt: last?.createdAt ?? null,
      runInProgress: (await training.activeRun(modelId)) !== null || (await this.isUnderWay(last)),
      isProduction: (await versions.production(modelId))?.id === modelVersionId,
      now: new Date(),
    });
    const id = crypto.randomUUID();
    const evaluation = { id, modelId, trigger: 'DRIFT', driftReportId, decision, reason } as const;
    const lookbackSeconds = policy?.policy.lookbackSeconds ?? null;
    const input = { triggerEvaluationId: id, driftReportId, modelVersionId, lookbackSeconds };
    if (await this.record(evaluation, input, systemActor(DRIFT_TRIGGER, requestId)))
      logger.info({ modelId, driftReportId, requestId, decision, reason }, 'drift trigger evaluated');
  }

  /** Keeps the evaluation, with its retraining if it fired. @returns false when this report was evaluated before */
  private record(
    evaluation: Pick<TriggerEvaluation, 'id' | 'modelId' | 'trigger' | 'decision' | 'reason'>,
    input: RetrainingJob,
    actor: ActorRef,
  ): Promise<boolean> {
    return inTransaction(this.deps.dataSource, async (manager) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(TriggerEvaluation)
        .values({ ...evaluation, idempotencyKey: input.driftReportId })
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) return false;
      if (evaluation.decision === 'FIRED') {
        const subject = `TriggerEvaluation:${evaluation.id}`;
        const job = await this.deps.jobs.enqueue(manager, { kind: 'RETRAINING', subject, input, actor });
        await manager.update(TriggerEvaluation, { id: evaluation.id }, { jobId: job.id });
        const { modelId, reason } = evaluation;
        const details = { driftReportId: input.driftReportId, jobId: job.id, reason };
        await this.deps.audit.append(manager, { modelId, actor, action: 'trigger.fire', subject, details });
      }
      return true;
    });
  }

  private lastFired(modelId: string): Promise<TriggerEvaluation | null> {
    return this.rows()
      .where("evaluation.modelId = :modelId AND evaluation.decision = 'FIRED'", { modelId })
      .orderBy('evaluation.createdAt', 'DESC')
      .limit(1)
      .getOne();
  }

  /** The job is asked too: should its outcome not have been written, triggers must not wait for it for ever. */
  private async isUnderWay(fired: TriggerEvaluation | null): Promise<boolean> {
    if (!fired?.jobId || fired.outcome) return false;
    const [job] = await this.deps.jobs.find([fired.jobId]);
    return job?.finishedAt === null;
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(TriggerEvaluation, 'evaluation');
  }
}
