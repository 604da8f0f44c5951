import type { FeatureQualityRule } from '../../../entities';
import { columnList, doubleLiteral, literal, quoted } from './sql-text';

/** Condition that holds for the rows that break a rule about a field; null for rules about the whole view. */
export function brokenSql(rule: FeatureQualityRule): string | null {
  if (rule.field === null) return null;
  const field = quoted(rule.field);
  switch (rule.kind) {
    case 'ROW_COUNT':
      return null;
    case 'NOT_NULL_RATIO':
      return `${field} IS NULL`;
    case 'RANGE':
      // Nulls are NOT_NULL_RATIO's: a comparison with null is not true.
      return [
        ...(rule.minimum === null ? [] : [`${field} < ${doubleLiteral(rule.minimum)}`]),
        ...(rule.maximum === null ? [] : [`${field} > ${doubleLiteral(rule.maximum)}`]),
      ].join(' OR ');
    case 'ALLOWED_VALUES':
      return `CAST(${field} AS VARCHAR) NOT IN (${(rule.allowedValues ?? []).map(literal).join(', ')})`;
  }
}

/** SELECT of `n`, and of how many rows break each rule as `broken_0`, `broken_1` … (0 for rules about the whole view). */
export function countBrokenSql(table: string, rules: readonly FeatureQualityRule[]): string {
  const counts = rules.map(
    (rule, index) => `count(*) FILTER (${brokenSql(rule) ?? 'false'})::DOUBLE AS broken_${index}`,
  );
  return `SELECT ${['count(*)::DOUBLE AS n', ...counts].join(', ')} FROM ${quoted(table)}`;
}

/** SELECT of `example`: the first rows, by key, that break a rule, as 'key=value, …: field=value'. */
export function examplesSql(table: string, rule: FeatureQualityRule, keys: readonly string[], limit: number): string {
  const broken = brokenSql(rule) ?? 'false';
  const show = (name: string) => `${literal(`${name}=`)} || coalesce(CAST(${quoted(name)} AS VARCHAR), 'null')`;
  const example = `${keys.map(show).join(` || ', ' || `)} || ': ' || ${show(rule.field ?? keys[0])}`;
  return `SELECT ${example} AS example FROM ${quoted(table)} WHERE ${broken} ORDER BY ${columnList(keys)} LIMIT ${limit}`;
}
