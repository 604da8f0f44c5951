import type { DataSource, EntityManager } from 'typeorm';
import { type AlertKind, AlertMute } from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { ModelService } from '../../registry';

export interface MuteAlertsInput {
  readonly model: string;
  /** Absent: all. */
  readonly kinds?: readonly AlertKind[] | null;
  /** Absent: now. */
  readonly from?: Date | null;
  readonly to: Date;
  readonly reason: string;
  readonly idempotencyKey?: string | null;
}

const LONGEST_REASON = 500;
const LONGEST_DAYS = 90;

/** Times in which alerts are raised without being told, such as a maintenance. */
export class AlertMuteService {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly models: ModelService;
    },
  ) {}

  /** Mutes alerts of a model in [from, to). @throws InvalidInput, NotFound */
  async mute(input: MuteAlertsInput, actor: Actor): Promise<AlertMute> {
    authorize(actor, 'alert.handle');
    const modelId = await this.deps.models.idOf(input.model);
    const startsAt = input.from ?? new Date();
    check(input, startsAt);
    const key = { actor: actor.name, mutation: 'muteAlerts', key: input.idempotencyKey, input };
    return inTransaction(this.deps.dataSource, async (manager) => {
      const id = await idempotent(manager, key, async () => {
        const made = crypto.randomUUID();
        const { to: endsAt, reason } = input;
        const kinds = input.kinds == null ? null : [...new Set(input.kinds)];
        await manager.insert(AlertMute, { id: made, modelId, kinds, startsAt, endsAt, reason, createdBy: actor.name });
        const details = { kinds, startsAt, endsAt, reason };
        await this.append(manager, { id: made, modelId }, actor, 'alertMute.set', details);
        return made;
      });
      return manager.findOneByOrFail(AlertMute, { id });
    });
  }

  /** Ends a mute before its time. What is still wrong by then is told within a minute. @throws NotFound; InvalidInput where it has ended */
  async unmute(id: string, actor: Actor): Promise<AlertMute> {
    authorize(actor, 'alert.handle');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const mute = await manager.findOne(AlertMute, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!mute) throw new NotFound('mute', id, 'List what there is with the query alertMutes.', ['input', 'id']);
      const now = new Date();
      if (mute.endsAt <= now) throw new InvalidInput('input.id', `this mute has ended at ${mute.endsAt.toISOString()}`);
      // One that has not begun holds for no time at all.
      const endsAt = mute.startsAt > now ? mute.startsAt : now;
      await manager.update(AlertMute, { id }, { endsAt, endedBy: actor.name });
      await this.append(manager, mute, actor, 'alertMute.end', {});
      return manager.findOneByOrFail(AlertMute, { id });
    });
  }

  find(ids: readonly string[]): Promise<AlertMute[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(AlertMute, 'mute')
      .where('mute.id = ANY(:ids)', { ids })
      .getMany();
  }

  /** Newest first, also those that have ended. */
  list(modelId: string, args: ListArgs): Promise<Page<AlertMute>> {
    const mutes = this.deps.dataSource.manager.createQueryBuilder(AlertMute, 'mute');
    return listPage(mutes.where('mute.modelId = :modelId', { modelId }), args);
  }

  private append(
    manager: EntityManager,
    { id, modelId }: Pick<AlertMute, 'id' | 'modelId'>,
    actor: Actor,
    action: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    return this.deps.audit.append(manager, { modelId, actor, action, subject: `AlertMute:${id}`, details });
  }
}

function check({ kinds, to, reason }: MuteAlertsInput, startsAt: Date): void {
  if (kinds?.length === 0) throw new InvalidInput('input.kinds', 'name at least one kind, or leave it out for all');
  if (to <= startsAt) throw new InvalidInput('input.to', `must be later than ${startsAt.toISOString()}`);
  if (to.getTime() - startsAt.getTime() > LONGEST_DAYS * 86_400_000)
    throw new InvalidInput('input.to', `a mute lasts ${LONGEST_DAYS} days at most; disable the rule instead`);
  if (reason.trim() === '' || reason.length > LONGEST_REASON)
    throw new InvalidInput('input.reason', `say why, in 1 to ${LONGEST_REASON} characters`);
}
