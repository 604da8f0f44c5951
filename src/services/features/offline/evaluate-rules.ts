import type { FeatureQualityExample, FeatureQualityResult, FeatureQualityRule } from '../../../entities';
import { type DriftTestResult, testJsDrift, testPsiDrift } from '../../statistics';
import { type Findings, judgeRule } from '../quality/rule-judgement.policy';
import { EVENT_TIMESTAMP, type StoredColumn } from '../rows/row-slice';
import { formatTimestamp, microsOf } from '../rows/timestamp-text';
import type { DuckDbEngine } from './duckdb-engine';
import type { SqlRow } from './duckdb-protocol';
import { jsonValue } from './latest-rows';
import { withNewest } from './newest-table';
import type { EvaluatedRules, RuleContext, ViewRows, Work } from './offline-store';
import {
  countFailingSql,
  countSharedTimesSql,
  examplesSql,
  failingSql,
  newestEventSql,
  sharedTimesSql,
} from './quality.sql';
import { scanSql } from './scan.sql';
import { quoted } from './sql-text';

const MAX_EXAMPLES = 5;
/** Chance that a report finds a drift in data that has not changed, over all its DRIFT rules together. */
const DRIFT_ALPHA = 0.05;

/** See OfflineStore.evaluate: one pass counts for the rules about values, and a query more for each that is broken finds its examples. */
export function evaluateRules(
  engine: DuckDbEngine,
  rows: ViewRows,
  rules: readonly FeatureQualityRule[],
  context: RuleContext,
  work: Work,
  pathOf: (file: string) => string,
): Promise<EvaluatedRules> {
  const fields = [...new Set(rules.flatMap(({ field }) => (field === null ? [] : [field])))];
  return withNewest(engine, rows, fields, work, pathOf, async (table) => {
    const [counts] = await engine.call('rows', { sql: countFailingSql(table, rules, rows.schema) }, work);
    const rowCount = Number(counts.n);
    const evaluation = new RuleEvaluation(engine, rows, rules, context, work, {
      table,
      scan: scanSql(rows, pathOf, []),
    });
    const results: FeatureQualityResult[] = [];
    for (const [index, rule] of rules.entries()) {
      const counted = { checked: Number(counts[`checked_${index}`]), failing: Number(counts[`failing_${index}`]) };
      const found = { rowCount, ageSeconds: null, drift: null, ...counted, ...(await evaluation.findings(rule)) };
      const judgement = judgeRule(rule, found);
      results.push({ rule, ...judgement, examples: judgement.passed ? [] : await evaluation.examples(rule) });
    }
    return { rowCount, results };
  });
}

class RuleEvaluation {
  private readonly keys: readonly string[];

  constructor(
    private readonly engine: DuckDbEngine,
    private readonly rows: ViewRows,
    private readonly rules: readonly FeatureQualityRule[],
    private readonly context: RuleContext,
    private readonly work: Work,
    /** `table` of the newest row of every entity; `scan` of all rows, without fields. */
    private readonly source: { readonly table: string; readonly scan: string },
  ) {
    this.keys = rows.schema.joinKeys.map(({ name }) => name);
  }

  /** What a rule looks at beyond the values of the newest rows. */
  async findings(rule: FeatureQualityRule): Promise<Partial<Findings>> {
    if (rule.kind === 'DRIFT') return { drift: await this.drift(rule) };
    if (rule.kind === 'FRESHNESS') return this.freshness();
    if (rule.kind !== 'UNIQUE' || rule.field !== null) return {};
    const [counts] = await this.select(countSharedTimesSql(this.source.scan, this.keys));
    return { checked: Number(counts.checked), failing: Number(counts.failing) };
  }

  async examples(rule: FeatureQualityRule): Promise<FeatureQualityExample[]> {
    const { schema } = this.rows;
    if (rule.kind === 'UNIQUE' && rule.field === null) {
      const rows = await this.select(sharedTimesSql(this.source.scan, this.keys, MAX_EXAMPLES));
      return rows.map((row) => this.example(row, { name: 'n', dtype: 'INT64' }));
    }
    const failing = failingSql(rule, schema, this.source.table);
    const field = schema.fields.find(({ name }) => name === rule.field);
    if (failing === null || !field) return [];
    const rows = await this.select(examplesSql(this.source.table, field.name, failing, this.keys, MAX_EXAMPLES));
    return rows.map((row) => this.example(row, field));
  }

  private async freshness(): Promise<Partial<Findings>> {
    const now = microsOf(this.context.now);
    const [{ checked, newest }] = await this.select(newestEventSql(this.source.scan, now));
    return { checked: Number(checked), ageSeconds: newest === null ? null : Number(now - (newest as bigint)) / 1e6 };
  }

  private async drift(rule: FeatureQualityRule): Promise<DriftTestResult | null> {
    const column = this.rows.schema.fields.find(({ name }) => name === rule.field);
    const reference = this.context.referenceOf(rule);
    if (!column || !reference) return null;
    const sql = `SELECT ${quoted(column.name)} FROM ${quoted(this.source.table)}`;
    const currentCounts = await this.engine.call('countBins', { sql, column, spec: reference.spec }, this.work);
    const test = rule.measure === 'PSI' ? testPsiDrift : testJsDrift;
    return test({
      referenceCounts: reference.counts,
      currentCounts,
      threshold: rule.threshold ?? 0,
      alpha: DRIFT_ALPHA,
      comparisons: this.rules.filter(({ kind }) => kind === 'DRIFT').length,
    });
  }

  private select(sql: string): Promise<SqlRow[]> {
    return this.engine.call('rows', { sql }, this.work);
  }

  private example(row: SqlRow, value: StoredColumn): FeatureQualityExample {
    return {
      joinKeys: Object.fromEntries(this.rows.schema.joinKeys.map((key) => [key.name, jsonValue(key, row)])),
      eventTimestamp: formatTimestamp(row[EVENT_TIMESTAMP] as bigint),
      value: jsonValue(value, row),
    };
  }
}
