import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Dtype } from './enums';
import type { FeatureValue } from './feature-value';
import type { FeatureQualityRule } from './feature-view';

/** A row that breaks a rule. */
export interface FeatureQualityExample {
  readonly joinKeys: Readonly<Record<string, FeatureValue>>;
  /** ISO 8601 with up to microseconds. */
  readonly eventTimestamp: string;
  /** Of the field; for UNIQUE without a field, how many rows there are. */
  readonly value: FeatureValue;
}

export interface FeatureQualityResult {
  readonly rule: FeatureQualityRule;
  readonly passed: boolean;
  /** NOT_NULL_RATIO: the ratio; ROW_COUNT: the rows; FRESHNESS: seconds; DRIFT: the measure; else how many rows break the rule. null where there is nothing to look at. */
  readonly actual: number | null;
  readonly message: string;
  readonly checkedRowCount: number;
  /** null for rules that no single row breaks: ROW_COUNT, FRESHNESS, DRIFT. */
  readonly failingRowCount: number | null;
  /** Up to five. */
  readonly examples: readonly FeatureQualityExample[];
}

/** A column counted in bins of its own: what later rows are compared with (see referenceBins and countBins). */
export interface StoredColumnProfile {
  readonly spec:
    | { readonly kind: 'NUMERIC'; readonly edges: readonly number[] }
    | { readonly kind: 'CATEGORICAL'; readonly levels: readonly string[] };
  readonly counts: { readonly bins: readonly number[]; readonly nullCount: number };
}

/** What one column holds; figures that need numbers are null or empty for other types. */
export interface StoredColumnStatistics {
  readonly name: string;
  readonly dtype: Dtype;
  readonly count: number;
  readonly nullCount: number;
  readonly distinctCount: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly quantiles: readonly { readonly probability: number; readonly value: number }[];
  readonly histogram: { readonly edges: readonly number[]; readonly counts: readonly number[] } | null;
  readonly topValues: readonly { readonly value: string; readonly count: number }[];
  /** ISO 8601: the newest event with a value that is not null; only of a view's current rows. */
  readonly newestEventTimestamp?: string | null;
  /** Absent for lists, and where it was made before profiles were kept. */
  readonly profile?: StoredColumnProfile;
}

/** The outcome of the quality rules of a view over its rows at one moment. */
@Entity('feature_quality_reports')
export class FeatureQualityReport {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  @Column('bigint', { name: 'through_sequence' })
  throughSequence!: number;

  @Column('bigint', { name: 'row_count' })
  rowCount!: number;

  @Column('boolean')
  passed!: boolean;

  @Column('boolean')
  blocked!: boolean;

  @Column('jsonb')
  results!: FeatureQualityResult[];

  @Column('jsonb')
  statistics!: StoredColumnStatistics[];

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
