import type { DataSource, EntityManager } from 'typeorm';
import { Model, type QualityPolicy, type TaskType } from '../../entities';
import { AlreadyExists, InvalidInput, StaleRevision } from '../../errors';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { DEFAULT_QUALITY_POLICY, GATE_METRICS, isGateMetric } from './quality-gate.policy';
import { findModel, modelByName } from './selector';
import { checkedTags } from './tags.policy';

export interface CreateModelInput {
  readonly name: string;
  readonly taskType: TaskType;
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly tags?: Record<string, string> | null;
  readonly qualityPolicy?: QualityPolicy | null;
  readonly idempotencyKey?: string | null;
}

export interface UpdateModelInput {
  readonly model: string;
  readonly revision: number;
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly tags?: Record<string, string> | null;
  readonly qualityPolicy?: QualityPolicy | null;
}

const NAME = /^[a-zA-Z0-9][\w.-]{0,127}$/;

/** Models: the lines that versions stand in. */
export class ModelService {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  find(name: string): Promise<Model | null> {
    return findModel(this.deps.dataSource.manager, name);
  }

  /** @throws NotFound */
  get(name: string): Promise<Model> {
    return modelByName(this.deps.dataSource.manager, name);
  }

  /** @throws NotFound */
  async idOf(name: string): Promise<string> {
    return (await this.get(name)).id;
  }

  /** @throws InvalidInput, AlreadyExists */
  async create(input: CreateModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.create');
    if (!NAME.test(input.name)) {
      throw new InvalidInput(
        'input.name',
        'a model name is 1 to 128 letters, digits, ".", "_" or "-", and starts with a letter or digit',
      );
    }
    const values = {
      name: input.name,
      taskType: input.taskType,
      description: input.description ?? '',
      owner: input.owner ?? actor.name,
      tags: checkedTags(input.tags ?? {}),
      qualityPolicy: checkedPolicy(input.qualityPolicy ?? DEFAULT_QUALITY_POLICY),
      createdBy: actor.name,
    };
    return inTransaction(this.deps.dataSource, async (manager) => {
      const key = { actor: actor.name, mutation: 'createModel', key: input.idempotencyKey, input };
      const id = await idempotent(manager, key, async () => {
        const inserted = await manager
          .createQueryBuilder()
          .insert()
          .into(Model)
          .values(values)
          .orIgnore()
          .returning('id')
          .execute();
        const [row] = inserted.raw as { id: string }[];
        if (!row) throw new AlreadyExists('model', input.name, ['input', 'name']);
        await this.deps.audit.append(manager, {
          modelId: row.id,
          actor,
          action: 'model.create',
          subject: `Model:${row.id}`,
          details: values,
        });
        return row.id;
      });
      return manager.findOneByOrFail(Model, { id });
    });
  }

  /**
   * Changes what is given and leaves the rest.
   * @throws NotFound, StaleRevision, InvalidInput
   */
  async update(input: UpdateModelInput, actor: Actor): Promise<Model> {
    authorize(actor, 'model.update');
    const changes: Partial<Model> = {};
    if (input.description != null) changes.description = input.description;
    if (input.owner != null) changes.owner = input.owner;
    if (input.tags != null) changes.tags = checkedTags(input.tags);
    if (input.qualityPolicy != null) changes.qualityPolicy = checkedPolicy(input.qualityPolicy);
    return inTransaction(this.deps.dataSource, async (manager) => {
      const model = await modelByName(manager, input.model);
      await updateAtRevision(manager, model, input.revision, changes);
      const action = changes.qualityPolicy ? 'model.setQualityPolicy' : 'model.update';
      await this.deps.audit.append(manager, {
        modelId: model.id,
        actor,
        action,
        subject: `Model:${model.id}`,
        details: changes,
      });
      return manager.findOneByOrFail(Model, { id: model.id });
    });
  }
}

async function updateAtRevision(
  manager: EntityManager,
  model: Model,
  revision: number,
  changes: Partial<Model>,
): Promise<void> {
  const result = await manager
    .createQueryBuilder()
    .update(Model)
    .set({ ...changes, updatedAt: () => 'now()', revision: () => 'revision + 1' })
    .where('id = :id AND revision = :revision', { id: model.id, revision })
    .execute();
  if (result.affected === 0) throw new StaleRevision('model', revision, model.revision);
}

function checkedPolicy(policy: QualityPolicy): QualityPolicy {
  if (policy.minimumEvaluationRows < 1)
    throw new InvalidInput('input.qualityPolicy.minimumEvaluationRows', 'must be at least 1');
  policy.rules.forEach((rule, index) => {
    const at = (field: string) => ['input', 'qualityPolicy', 'rules', String(index), field];
    if (!isGateMetric(rule.metric)) {
      throw new InvalidInput(
        at('metric'),
        `${JSON.stringify(rule.metric)} is not a metric of the gate; choose one of ${Object.keys(GATE_METRICS).join(', ')}`,
      );
    }
    if (rule.threshold === null && rule.maxRegression === null)
      throw new InvalidInput(at('threshold'), 'give threshold, maxRegression or both');
    if (rule.maxRegression !== null && rule.maxRegression < 0)
      throw new InvalidInput(at('maxRegression'), 'must not be negative');
    if (rule.threshold !== null && GATE_METRICS[rule.metric].higherIsBetter !== (rule.comparison === 'AT_LEAST')) {
      const right = GATE_METRICS[rule.metric].higherIsBetter ? 'AT_LEAST' : 'AT_MOST';
      throw new InvalidInput(
        at('comparison'),
        `${rule.metric} is better ${right === 'AT_LEAST' ? 'higher' : 'lower'}: use ${right}`,
      );
    }
  });
  return policy;
}
