import type { DataSource, EntityManager } from 'typeorm';
import { Alert, AlertEvaluation, AlertRule, Model } from '../../../entities';
import { InvalidInput, NotFound, StaleRevision } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { ModelService } from '../../registry';
import { AlertChanges } from './alert-changes';
import { type AlertRuleChange, changedRule, judgesOtherwise, type RuleSettings } from './alert-rule.policy';

export interface SetAlertRuleInput extends AlertRuleChange {
  readonly model: string;
  readonly name: string;
  /** The revision at which the rule was read; absent where it is new. */
  readonly revision?: number | null;
}

export interface DeleteAlertRuleInput {
  readonly id: string;
  readonly revision: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$/;
const MAX_RULES = 50;

/** What raises alerts, model by model, and what came of it window by window. */
export class AlertRuleService {
  private readonly changes: AlertChanges;

  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly models: ModelService;
    },
  ) {
    this.changes = new AlertChanges(deps.audit);
  }

  /**
   * Makes the rule of a name, or changes what is given of it.
   * @throws InvalidInput, NotFound, StaleRevision
   */
  async set({ model, name, revision, ...change }: SetAlertRuleInput, actor: Actor): Promise<AlertRule> {
    authorize(actor, 'monitoring.configure');
    const modelId = await this.deps.models.idOf(model);
    if (!NAME.test(name))
      throw new InvalidInput(
        'input.name',
        `${JSON.stringify(name)} is no name of a rule: 1 to 100 letters, digits, spaces, ".", "_" and "-", a letter or digit first`,
      );
    return inTransaction(this.deps.dataSource, async (manager) => {
      // The model's row stands for the set of its rules: two that make a rule of one name go one after the other. Predictions, which refer to it, go on.
      const { taskType } = await manager.findOneOrFail(Model, {
        where: { id: modelId },
        lock: { mode: 'for_no_key_update' },
      });
      const current = await liveRule(manager, { modelId, name });
      if ((current?.revision ?? 0) !== (revision ?? 0))
        throw new StaleRevision('alert rule', revision ?? 0, current?.revision ?? 0);
      const settings = changedRule(current, change, taskType);
      const id = current
        ? await this.change(manager, current, settings, actor)
        : await this.make(manager, { modelId, name }, settings, actor);
      await this.deps.audit.append(manager, {
        modelId,
        actor,
        action: 'alertRule.set',
        subject: `AlertRule:${id}`,
        details: { name, ...settings },
      });
      return manager.findOneByOrFail(AlertRule, { id });
    });
  }

  /**
   * Ends a rule. Its alerts that are not resolved are, by whoever ends it: nothing would ever clear them.
   * @throws NotFound, StaleRevision
   */
  async delete({ id, revision }: DeleteAlertRuleInput, actor: Actor): Promise<AlertRule> {
    authorize(actor, 'monitoring.configure');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const rule = await liveRule(manager, { id });
      if (!rule) throw new NotFound('alert rule', id, 'List what there is with the query alertRules.', ['input', 'id']);
      if (rule.revision !== revision) throw new StaleRevision('alert rule', revision, rule.revision);
      const open = await manager
        .createQueryBuilder(Alert, 'alert')
        .where(`alert.ruleId = :id AND alert.status <> 'RESOLVED'`, { id })
        .orderBy('alert.id')
        .setLock('pessimistic_write')
        .getMany();
      for (const alert of open) await this.changes.handle(manager, alert, 'RESOLVED', actor);
      await manager.update(AlertRule, { id }, { deletedAt: () => 'now()', revision: revision + 1 });
      const { modelId, name } = rule;
      const entry = { modelId, actor, action: 'alertRule.delete', subject: `AlertRule:${id}`, details: { name } };
      await this.deps.audit.append(manager, entry);
      return manager.findOneByOrFail(AlertRule, { id });
    });
  }

  /** Rules by their ids, deleted ones too: alerts lead to them. */
  find(ids: readonly string[]): Promise<AlertRule[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(AlertRule, 'rule')
      .where('rule.id = ANY(:ids)', { ids })
      .getMany();
  }

  /** The rules of a model by name; at most 50. */
  list(modelId: string): Promise<AlertRule[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(AlertRule, 'rule')
      .where('rule.modelId = :modelId AND rule.deletedAt IS NULL', { modelId })
      .orderBy('rule.name')
      .getMany();
  }

  /** What came of a rule, newest first, as far back as it is kept. */
  evaluations(ruleId: string, args: ListArgs): Promise<Page<AlertEvaluation>> {
    const evaluations = this.deps.dataSource.manager
      .createQueryBuilder(AlertEvaluation, 'evaluation')
      .where('evaluation.ruleId = :ruleId', { ruleId });
    return listPage(evaluations, args);
  }

  private async make(
    manager: EntityManager,
    { modelId, name }: Pick<AlertRule, 'modelId' | 'name'>,
    settings: RuleSettings,
    actor: Actor,
  ): Promise<string> {
    const count = await manager
      .createQueryBuilder(AlertRule, 'rule')
      .where('rule.modelId = :modelId AND rule.deletedAt IS NULL', { modelId })
      .getCount();
    if (count >= MAX_RULES)
      throw new InvalidInput('input.name', `this model has ${MAX_RULES} rules, which is the most; delete one first`);
    const id = crypto.randomUUID();
    const by = { createdBy: actor.name, updatedBy: actor.name };
    await manager.insert(AlertRule, { id, modelId, name, ...settings, ...by });
    return id;
  }

  private async change(manager: EntityManager, current: AlertRule, settings: RuleSettings, actor: Actor) {
    const { id, revision } = current;
    await manager.update(
      AlertRule,
      { id },
      {
        ...settings,
        ...(judgesOtherwise(current, settings) && { effectiveAt: () => 'clock_timestamp()' }),
        revision: revision + 1,
        updatedBy: actor.name,
        updatedAt: () => 'now()',
      },
    );
    return id;
  }
}

const liveRule = (manager: EntityManager, by: Partial<Pick<AlertRule, 'id' | 'modelId' | 'name'>>) =>
  manager
    .createQueryBuilder(AlertRule, 'rule')
    .where(by)
    .andWhere('rule.deletedAt IS NULL')
    .setLock('pessimistic_write')
    .getOne();
