import type { Alert, AlertEvaluation, Model, ModelVersion } from '../../../src/entities';
import type { SetAlertRuleInput } from '../../../src/services/monitoring';
import type { Candidate } from '../../../src/services/registry';
import { ENGINEER } from '../../support/features-fixture';
import { type OperationFixture } from '../../support/operation-fixture';
import { subscribers } from '../../support/subscribers';

const MINUTE_MS = 60_000;
const [{ features }] = subscribers(1, 'alerted');

/** A model in production whose traffic is served, and whose rules are judged, at minutes of the test's own: 0 is the one that begins after its rules are made. */
export class AlertedModel {
  private constructor(
    private readonly operation: OperationFixture,
    readonly model: Model,
    readonly version: ModelVersion,
    readonly zero: number,
  ) {}

  static async inProduction(
    operation: OperationFixture,
    name: string,
    candidate: Partial<Candidate> = {},
  ): Promise<AlertedModel> {
    const { model, version } = await operation.inProduction(name, candidate);
    // Far enough ahead that rules which the test makes are older; whole hours, so that windows of up to an hour begin there.
    const zero = (Math.floor(Date.now() / 3_600_000) + 2) * 3_600_000;
    return new AlertedModel(operation, model, version, zero);
  }

  at(minute: number): Date {
    return new Date(this.zero + minute * MINUTE_MS);
  }

  set(rule: Omit<SetAlertRuleInput, 'model' | 'name'> & { readonly name?: string }) {
    return this.operation.alertRules.set({ model: this.model.name, name: 'rule', ...rule }, ENGINEER);
  }

  /** Serves so many rows within a minute, and so many that cannot be. */
  async serve(minute: number, good: number, bad = 0): Promise<void> {
    const { operation } = this;
    operation.minutesClock = () => this.at(minute);
    const rows = [...new Array(good).fill(features), ...new Array(bad).fill({ ...features, minutes: 'many' })];
    if (rows.length > 0) await operation.serving.predictBatch({ model: this.model.name, rows }, ENGINEER);
    await operation.minutes.flush();
  }

  /** Has rules judge what is due a minute after this one has ended. */
  judge(minute: number): Promise<number> {
    return this.operation.evaluator.evaluateDue(this.at(minute + 2));
  }

  /** Newest first. */
  async alerts(): Promise<Alert[]> {
    const { rows } = await this.operation.alerts.list({ modelId: this.model.id, status: null }, { first: 50 });
    return rows.map((alert) => ({ ...alert }));
  }

  /** From minute 0 on, oldest first. */
  async evaluations(ruleId: string): Promise<AlertEvaluation[]> {
    const { rows } = await this.operation.alertRules.evaluations(ruleId, { first: 50 });
    return rows.filter(({ windowStart }) => windowStart >= this.at(0)).reverse();
  }

  /** What listeners were told, oldest first. */
  async told(): Promise<unknown[]> {
    const events = await this.operation.recorded(this.model.id);
    return events.filter(({ type }) => type === 'ALERT_CHANGED').map(({ payload }) => payload.change);
  }
}
