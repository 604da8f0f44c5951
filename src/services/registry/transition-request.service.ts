import type { DataSource, EntityManager } from 'typeorm';
import { ModelVersion, type Role, type Stage, TransitionRequest, TransitionVote } from '../../entities';
import {
  BaselineChanged,
  Forbidden,
  InvalidInput,
  NotFound,
  RequestClosed,
  RequestSuperseded,
  RequestWaits,
  SelfApproval,
  StageConflict,
} from '../../errors';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { recordEvent } from '../events';
import { type Actor, authorize } from '../identity';
import { isApproved, requirementsOf, statusAt } from './approval.policy';
import { lockModel, modelByName, productionVersion, versionBySelector } from './selector';
import { assertTransitionAllowed } from './stage.policy';
import type { StageService } from './stage.service';

export interface RequestTransitionInput {
  readonly model: string;
  readonly version: number;
  readonly toStage: Stage;
  readonly expectedStage: Stage;
  /**
   * For a promotion: the id of the production version that the decision was made against, null for none; the request ends when another one is there by its
   * last approval. Absent: whichever is there is replaced.
   */
  readonly replaces?: string | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface DecideTransitionInput {
  readonly id: string;
  readonly comment?: string | null;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly stages: StageService;
}

const HOUR_MS = 3_600_000;

/** Moves that one person asks for and others approve: the last approval makes the move. */
export class TransitionRequestService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * What it takes is what the model's rules say now. One request per version and stage can wait at a time.
   * @throws NotFound, StageConflict, StageTransitionNotAllowed, RequestWaits; InvalidInput, BaselineChanged for what it is to replace
   */
  async request(input: RequestTransitionInput, actor: Actor): Promise<TransitionRequest> {
    authorize(actor, 'version.transition');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const key = { actor: actor.name, mutation: 'requestTransition', key: input.idempotencyKey, input };
      const id = await idempotent(manager, key, () => this.ask(manager, input, actor));
      return manager.findOneByOrFail(TransitionRequest, { id });
    });
  }

  /**
   * Says yes. The approval that is still missing makes the move, in the same transaction; saying yes twice counts once.
   * @throws NotFound, RequestClosed, SelfApproval, Forbidden; StageConflict, StageTransitionNotAllowed when the version has moved since;
   *   RequestSuperseded, having ended the request, when production has
   */
  async approve(input: DecideTransitionInput, actor: Actor): Promise<TransitionRequest> {
    const refusal: { superseded?: RequestSuperseded } = {};
    const decided = await this.decide(input, true, actor, async (manager, request, name) => {
      // The work of a transaction may run several times.
      delete refusal.superseded;
      const votes = await manager.findBy(TransitionVote, { requestId: request.id });
      if (!isApproved(request, votes)) return null;
      const production = await productionVersion(manager, request.modelId);
      if (request.checksProduction && request.replacesId !== (production?.id ?? null)) {
        const { replacesId } = request;
        const expected = replacesId === null ? null : await manager.findOneBy(ModelVersion, { id: replacesId });
        refusal.superseded = new RequestSuperseded(name.model, expected?.version ?? null, production?.version ?? null);
        return { status: 'SUPERSEDED', transitionId: null };
      }
      const approvers = votes.map((vote) => vote.actor).sort();
      const { transition } = await this.deps.stages.moveApproved(
        manager,
        {
          ...name,
          toStage: request.toStage,
          expectedStage: request.fromStage,
          reason: [request.reason, `Requested by ${request.requestedBy}, approved by ${approvers.join(', ')}.`]
            .filter((part) => part !== '')
            .join(' '),
        },
        actor,
      );
      return { status: 'APPROVED', transitionId: transition.id };
    });
    // Only now: thrown within, it would undo the end of the request.
    if (refusal.superseded) throw refusal.superseded;
    return decided;
  }

  /** Says no, which ends the request. Who made it may take it back so. @throws NotFound, RequestClosed, Forbidden */
  async reject(input: DecideTransitionInput, actor: Actor): Promise<TransitionRequest> {
    return this.decide(input, false, actor, async () => ({ status: 'REJECTED', transitionId: null }));
  }

  private async ask(manager: EntityManager, input: RequestTransitionInput, actor: Actor): Promise<string> {
    const model = await lockModel(manager, (await modelByName(manager, input.model)).id);
    const { modelVersion } = await versionBySelector(manager, { model: model.name, version: input.version });
    if (modelVersion.stage !== input.expectedStage) throw new StageConflict(input.expectedStage, modelVersion.stage);
    assertTransitionAllowed(modelVersion.stage, input.toStage, modelVersion.wasProduction);
    if (input.replaces !== undefined) {
      if (input.toStage !== 'PRODUCTION')
        throw new InvalidInput('input.replaces', `is for moves to PRODUCTION, not to ${input.toStage}; leave it out`);
      const production = await productionVersion(manager, model.id);
      if (input.replaces !== (production?.id ?? null)) throw new BaselineChanged(model.name);
    }
    const now = new Date();
    const waiting = await manager.findOneBy(TransitionRequest, {
      modelVersionId: modelVersion.id,
      toStage: input.toStage,
      status: 'PENDING',
    });
    if (waiting && statusAt(waiting, now) === 'PENDING')
      throw new RequestWaits(waiting.requestedBy, waiting.expiresAt.toISOString());
    if (waiting) await manager.update(TransitionRequest, { id: waiting.id }, { status: 'EXPIRED', decidedAt: now });

    const { approvals, role, expiresAfterHours } = requirementsOf(model.approvalRules, input.toStage);
    const request = await manager.save(
      manager.create(TransitionRequest, {
        modelId: model.id,
        modelVersionId: modelVersion.id,
        fromStage: modelVersion.stage,
        toStage: input.toStage,
        reason: input.reason ?? '',
        checksProduction: input.replaces !== undefined,
        replacesId: input.replaces ?? null,
        requiredApprovals: approvals,
        approverRole: role,
        requestedBy: actor.name,
        expiresAt: new Date(now.getTime() + expiresAfterHours * HOUR_MS),
      }),
    );
    const { reason, checksProduction, replacesId } = request;
    const against = checksProduction ? { replaces: replacesId } : {};
    await this.note(manager, request, actor, 'transition.request', { reason, ...against });
    const payload = { transitionRequestId: request.id, modelVersionId: modelVersion.id, toStage: input.toStage };
    await recordEvent(manager, { type: 'TRANSITION_REQUESTED', modelId: model.id, payload, actor });
    return request.id;
  }

  private async decide(
    { id, comment }: DecideTransitionInput,
    approved: boolean,
    actor: Actor,
    conclude: (
      manager: EntityManager,
      request: TransitionRequest,
      name: { readonly model: string; readonly version: number },
    ) => Promise<(Pick<TransitionRequest, 'transitionId'> & { status: 'APPROVED' | 'REJECTED' | 'SUPERSEDED' }) | null>,
  ): Promise<TransitionRequest> {
    authorize(actor, 'version.approve');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const found = await manager.findOneBy(TransitionRequest, { id });
      if (!found) throw new NotFound('transition request', id, '', ['input', 'id']);
      const model = await lockModel(manager, found.modelId);
      // Read again: decisions on one model wait for each other.
      const request = await manager.findOneByOrFail(TransitionRequest, { id });
      const status = statusAt(request, new Date());
      if (status !== 'PENDING') throw new RequestClosed(id, status);
      const isOwn = actor.name === request.requestedBy;
      if (isOwn && approved) throw new SelfApproval(actor.name);
      if (!isOwn) checkRole(actor, request.approverRole);

      const vote = { requestId: id, actor: actor.name, approved, comment: comment ?? '' };
      await manager.upsert(TransitionVote, vote, ['requestId', 'actor']);
      const { version } = await manager.findOneByOrFail(ModelVersion, { id: request.modelVersionId });
      const end = await conclude(manager, request, { model: model.name, version });
      if (end) await manager.update(TransitionRequest, { id }, { ...end, decidedAt: new Date() });
      const action = approved ? 'transition.approve' : 'transition.reject';
      await this.note(manager, request, actor, action, {
        comment: vote.comment,
        decided: end !== null,
        ...(end?.status === 'SUPERSEDED' ? { status: end.status } : {}),
      });
      if (end) {
        const payload = { transitionRequestId: id, modelVersionId: request.modelVersionId, status: end.status };
        await recordEvent(manager, { type: 'TRANSITION_REQUEST_DECIDED', modelId: model.id, payload, actor });
      }
      return manager.findOneByOrFail(TransitionRequest, { id });
    });
  }

  private note(
    manager: EntityManager,
    { id, modelId, modelVersionId, toStage }: TransitionRequest,
    actor: Actor,
    action: string,
    details: object,
  ): Promise<void> {
    const subject = `TransitionRequest:${id}`;
    return this.deps.audit.append(manager, {
      modelId,
      actor,
      action,
      subject,
      details: { modelVersionId, toStage, ...details },
    });
  }
}

/** @throws Forbidden for who has not the role that the rule asks for */
function checkRole(actor: Actor, role: Role | null): void {
  if (role !== null && !actor.roles.includes(role)) throw new Forbidden(actor.name, 'version.approve', [role]);
}
