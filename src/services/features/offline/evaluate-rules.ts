import { randomUUID } from 'node:crypto';
import type { FeatureQualityResult, FeatureQualityRule } from '../../../entities';
import { judgeRule } from '../quality/quality-rules.policy';
import type { DuckDbEngine } from './duckdb-engine';
import type { EvaluatedRules, ViewRows, Work } from './offline-store';
import { brokenSql, countBrokenSql, examplesSql } from './quality.sql';
import { newestSql, scanSql } from './scan.sql';
import { dropTableSql, quoted } from './sql-text';

const MAX_EXAMPLES = 5;

/** See OfflineStore.evaluate: one pass counts for all rules, and one query more for each that is broken finds its examples. */
export async function evaluateRules(
  engine: DuckDbEngine,
  rows: ViewRows,
  rules: readonly FeatureQualityRule[],
  work: Work,
  pathOf: (file: string) => string,
): Promise<EvaluatedRules> {
  const table = `quality_${randomUUID()}`;
  const keys = rows.schema.joinKeys.map(({ name }) => name);
  const fields = [...new Set(rules.flatMap(({ field }) => (field === null ? [] : [field])))];
  return engine.holding(async () => {
    try {
      const newest = newestSql(scanSql(rows, pathOf, fields), keys);
      await engine.call('run', { statements: [`CREATE TABLE ${quoted(table)} AS ${newest}`] }, work);
      const [counts] = await engine.call('rows', { sql: countBrokenSql(table, rules) }, work);
      const rowCount = Number(counts.n);
      const results: FeatureQualityResult[] = [];
      for (const [index, rule] of rules.entries()) {
        const judgement = judgeRule(rule, rowCount, Number(counts[`broken_${index}`]));
        const wanted = !judgement.passed && brokenSql(rule) !== null;
        const examples = wanted
          ? await engine.call('rows', { sql: examplesSql(table, rule, keys, MAX_EXAMPLES) }, work)
          : [];
        results.push({ rule, ...judgement, examples: examples.map(({ example }) => String(example)) });
      }
      return { rowCount, results };
    } finally {
      await engine.call('run', { statements: [dropTableSql(table)] });
    }
  });
}
