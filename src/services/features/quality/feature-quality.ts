import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  type ActorRef,
  FeatureQualityReport,
  type FeatureQualityRule,
  FeatureView,
  type StoredColumnStatistics,
} from '../../../entities';
import { QualityBlocked } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { recordEvent } from '../../events';
import { type Actor, authorize } from '../../identity';
import { currentSchema, type ViewSchema } from '../definitions/view-schema';
import { lastSequence, readingAgain, rowsThrough } from '../ingest/manifest';
import { whileReading } from '../ingest/offline-locks';
import type { EvaluatedRules, OfflineStore, ViewRows, Work } from '../offline/offline-store';
import { appliesTo } from './quality-rules.policy';
import { referenceProfiles } from './reference-profiles';

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly offline: OfflineStore;
}

/** Judges the newest rows of views by their rules, and keeps what it found. */
export class FeatureQuality {
  constructor(private readonly deps: Dependencies) {}

  /**
   * Evaluates the rules of a view now.
   * @param options.reportId of the report to make; where it is there already, nothing is done
   * @throws NotFound
   */
  async run(
    view: string,
    actor: Actor,
    { reportId, signal }: { readonly reportId?: string; readonly signal?: AbortSignal } = {},
  ): Promise<FeatureQualityReport> {
    authorize(actor, 'feature.quality');
    const [known] = reportId === undefined ? [] : await this.find([reportId]);
    if (known) return known;
    const work = { signal };
    const schema = await currentSchema(this.deps.dataSource, view);
    return whileReading(this.deps.dataSource, [schema.viewVersionId], signal, async () => {
      const through = await lastSequence(this.deps.dataSource);
      const { rows, evaluated } = await this.evaluate(schema, through, work);
      return this.report(schema, rows, through, evaluated, actor, work, reportId);
    });
  }

  /**
   * Lets the rows of a view through to those who build on them, or refuses. Rules that fail are reported, also those that only warn.
   * Its callers hold {@link whileReading}: a report shows rows.
   * @param through the last batch that they build on: what came later is not theirs to be judged by
   * @throws QualityBlocked when a blocking rule fails
   */
  async gate(schema: ViewSchema, through: number, actor: ActorRef, work: Work): Promise<void> {
    // A pass is worth a report only where it lifts a block: the gate of the registry goes by the newest report.
    const isBlocked = await this.isBlocked(schema, through);
    // Nothing can fail, and the newest rows of a large view are not found for nothing.
    if (!isBlocked && (await this.rulesOf(schema)).length === 0) return;
    const { rows, evaluated } = await this.evaluate(schema, through, work);
    if (!isBlocked && evaluated.results.every(({ passed }) => passed)) return;
    const report = await this.report(schema, rows, through, evaluated, actor, work);
    const failures = report.results.filter(({ passed, rule }) => !passed && rule.severity === 'BLOCK');
    if (failures.length > 0) {
      throw new QualityBlocked(
        schema.view,
        failures.map(({ message }) => message),
      );
    }
  }

  /** Statistics of the newest rows of a view. @throws NotFound */
  async statistics(view: string, work: Work): Promise<StoredColumnStatistics[]> {
    const schema = await currentSchema(this.deps.dataSource, view, ['view']);
    const through = await lastSequence(this.deps.dataSource);
    return readingAgain(
      () => rowsThrough(this.deps.dataSource, schema, through),
      (rows) => this.deps.offline.statistics(rows, work),
    );
  }

  find(ids: readonly string[]): Promise<FeatureQualityReport[]> {
    return this.reports().where('report.id = ANY(:ids)', { ids }).getMany();
  }

  /** Reports of all versions of a view, newest first. */
  list(view: string, args: ListArgs): Promise<Page<FeatureQualityReport>> {
    const ofView = `report.featureViewVersionId IN (
      SELECT version.id FROM feature_view_versions version JOIN feature_views view ON view.id = version.feature_view_id WHERE view.name = :view)`;
    return listPage(this.reports().where(ofView, { view }), args);
  }

  /** Whether the newest report on the rows of a view, or on the first of them, says that a blocking rule failed. */
  private async isBlocked({ viewVersionId }: ViewSchema, through: number): Promise<boolean> {
    const newest = await this.reports()
      .where('report.featureViewVersionId = :viewVersionId', { viewVersionId })
      .andWhere('report.throughSequence <= :through', { through })
      .orderBy('report.throughSequence', 'DESC')
      .addOrderBy('report.createdAt', 'DESC')
      .addOrderBy('report.id', 'DESC')
      .limit(1)
      .getOne();
    return newest?.blocked ?? false;
  }

  private reports() {
    return this.deps.dataSource.manager.createQueryBuilder(FeatureQualityReport, 'report');
  }

  private async evaluate(
    schema: ViewSchema,
    through: number,
    work: Work,
  ): Promise<{ rows: ViewRows; evaluated: EvaluatedRules }> {
    const { dataSource, offline } = this.deps;
    const rules = await this.rulesOf(schema);
    const references = await referenceProfiles(dataSource, schema.view, rules, schema.fields);
    const rows = await rowsThrough(dataSource, schema, through);
    const context = { now: new Date(), referenceOf: (rule: FeatureQualityRule) => references.get(rule) ?? null };
    return { rows, evaluated: await offline.evaluate(rows, rules, context, work) };
  }

  private async rulesOf({ viewId, fields }: ViewSchema): Promise<FeatureQualityRule[]> {
    const { qualityRules } = await this.deps.dataSource.manager.findOneByOrFail(FeatureView, { id: viewId });
    return qualityRules.filter((rule) => appliesTo(rule, fields));
  }

  private async report(
    schema: ViewSchema,
    rows: ViewRows,
    throughSequence: number,
    { rowCount, results }: EvaluatedRules,
    actor: ActorRef,
    work: Work,
    id: string = randomUUID(),
  ): Promise<FeatureQualityReport> {
    const passed = results.every((result) => result.passed);
    const report = {
      id,
      featureViewVersionId: schema.viewVersionId,
      throughSequence,
      rowCount,
      passed,
      blocked: results.some((result) => !result.passed && result.rule.severity === 'BLOCK'),
      results: [...results],
      statistics: await this.deps.offline.statistics(rows, work),
      actor: actor.name,
    };
    await inTransaction(this.deps.dataSource, async (manager) => {
      await manager.insert(FeatureQualityReport, report);
      await this.deps.audit.append(manager, {
        modelId: null,
        actor,
        action: 'feature.quality',
        subject: `FeatureQualityReport:${id}`,
        details: { view: schema.view, passed, blocked: report.blocked, rowCount },
      });
      if (!passed) {
        const payload = { reportId: id, view: schema.view };
        await recordEvent(manager, { type: 'FEATURE_QUALITY_FAILED', modelId: null, payload, actor });
      }
    });
    return this.deps.dataSource.manager.findOneByOrFail(FeatureQualityReport, { id });
  }
}
