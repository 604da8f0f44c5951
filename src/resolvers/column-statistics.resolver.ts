import { FieldResolver, Float, Resolver, Root } from 'type-graphql';
import type { StoredColumnStatistics } from '../entities';
import { ColumnStatistics } from '../schema/column-statistics';
import { nullable } from '../schema/nullable';

@Resolver(() => ColumnStatistics)
export class ColumnStatisticsResolver {
  @FieldResolver(() => Float, nullable('Nulls per row, 0 to 1; null where there are no rows.'))
  nullRatio(@Root() { count, nullCount }: StoredColumnStatistics): number | null {
    return count === 0 ? null : nullCount / count;
  }

  @FieldResolver(
    () => Float,
    nullable('Age of newestEventTimestamp at the time of the query; negative where it is in the future.'),
  )
  ageSeconds(@Root() { newestEventTimestamp }: StoredColumnStatistics): number | null {
    return newestEventTimestamp == null ? null : (Date.now() - Date.parse(newestEventTimestamp)) / 1000;
  }
}
