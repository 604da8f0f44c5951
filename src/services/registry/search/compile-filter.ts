import { InvalidInput } from '../../../errors';
import {
  DEEPEST_FILTER,
  LARGEST_FILTER,
  LONGEST_LIST,
  type ModelFilter,
  type ModelVersionFilter,
} from './search-filter';
import { type Condition, MODEL_TERMS, type Place, VERSION_TERMS } from './search-terms';
import { allOf, type FilterPath } from './sql-conditions';

type AnyTerm = (value: unknown, place: Place) => Condition;

/**
 * The one way from filters to SQL. What it makes is true for a row, or false or null, which `not` takes for the same: every condition either holds
 * or does not.
 */
export class FilterCompiler {
  private count = 0;

  constructor(private readonly place: Omit<Place, 'path'>) {}

  /**
   * @param path of the filter in the request
   * @throws InvalidInput naming the place of what cannot be searched for, or saying that the filter is too deep or too large
   */
  versions(filter: ModelVersionFilter, path: FilterPath): Condition {
    return this.compile(filter, VERSION_TERMS as unknown as Record<string, AnyTerm>, path, 1);
  }

  models(filter: ModelFilter, path: FilterPath): Condition {
    return this.compile(filter, MODEL_TERMS as unknown as Record<string, AnyTerm>, path, 1);
  }

  private compile(filter: object, terms: Record<string, AnyTerm>, path: FilterPath, depth: number): Condition {
    if (depth > DEEPEST_FILTER)
      throw new InvalidInput(path, `the filter is nested too deeply; at most ${DEEPEST_FILTER} levels are allowed`);
    const given = Object.entries(filter).filter(([, value]) => value != null) as [string, unknown][];
    const parts = given.map(([key, value]) => {
      const at = [...path, key];
      const inner = (part: unknown, ...index: string[]) =>
        this.compile(part as object, terms, [...at, ...index], depth + 1);
      if (key === 'and') return conjunction(checkedParts(value, at).map((part, index) => inner(part, String(index))));
      if (key === 'or') return disjunction(checkedParts(value, at).map((part, index) => inner(part, String(index))));
      if (key === 'not') return { sql: `(${inner(value).sql}) IS NOT TRUE`, candidates: [] };
      this.countOne(at);
      if (key === 'hasVersion') return this.hasVersion(value as ModelVersionFilter, at, depth + 1);
      return terms[key](value, { ...this.place, path: at });
    });
    return conjunction(parts);
  }

  private hasVersion(filter: ModelVersionFilter, path: FilterPath, depth: number): Condition {
    const { sql, candidates } = this.compile(filter, VERSION_TERMS as unknown as Record<string, AnyTerm>, path, depth);
    return {
      sql: `EXISTS (SELECT 1 FROM model_versions AS version WHERE version.model_id = model.id AND version.deleted_at IS NULL AND (${sql}))`,
      // As an array they are looked up by the index; for a join with IN the planner may read all versions, as its statistics happen to fall.
      candidates: candidates.map(
        (versions) => `SELECT held.model_id AS id FROM model_versions AS held WHERE held.id = ANY(ARRAY(${versions}))`,
      ),
    };
  }

  private countOne(path: FilterPath): void {
    this.count++;
    if (this.count > LARGEST_FILTER)
      throw new InvalidInput(path, `the filter has more than ${LARGEST_FILTER} conditions; ask in several searches`);
  }
}

function checkedParts(value: unknown, path: FilterPath): unknown[] {
  const parts = value as unknown[];
  if (parts.length === 0) throw new InvalidInput(path, 'the list is empty; give at least one filter, or leave it out');
  if (parts.length > LONGEST_LIST)
    throw new InvalidInput(path, `the list has ${parts.length} filters; at most ${LONGEST_LIST} are allowed`);
  return parts;
}

/** All of them must hold. */
export const conjunction = (parts: readonly Condition[]): Condition => ({
  sql: allOf(parts.map(({ sql }) => sql)),
  candidates: parts.flatMap(({ candidates }) => candidates),
});

function disjunction(parts: readonly Condition[]): Condition {
  const first = parts.flatMap(({ candidates }) => candidates.slice(0, 1));
  return {
    sql: parts.map(({ sql }) => `(${sql})`).join(' OR '),
    candidates: first.length === parts.length ? [first.join(' UNION ALL ')] : [],
  };
}
