import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { FeatureDriftMeasure, FeatureQualityKind, QualitySeverity } from './enums';

/** What a DRIFT rule compares with: what a quality report or a dataset says of the same field. */
export interface FeatureQualityReference {
  readonly kind: 'FeatureQualityReport' | 'Dataset';
  readonly id: string;
}

/** What must hold of the rows of a view. What a kind does not use is null. */
export interface FeatureQualityRule {
  /** null for rules about the view: ROW_COUNT, FRESHNESS, and UNIQUE by join keys and event time. */
  readonly field: string | null;
  readonly kind: FeatureQualityKind;
  readonly severity: QualitySeverity;
  /** Bounds are inclusive. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly allowedValues: readonly string[] | null;
  /** An RE2 expression that the whole of a value must match. */
  readonly pattern: string | null;
  readonly maxAgeSeconds: number | null;
  readonly measure: FeatureDriftMeasure | null;
  readonly threshold: number | null;
  readonly reference: FeatureQualityReference | null;
}

/** A group of features of one entity that arrive together. */
@Entity('feature_views')
export class FeatureView {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('uuid', { name: 'entity_id' })
  entityId!: string;

  @Column('integer', { name: 'current_version', default: () => '1' })
  currentVersion!: number;

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('text', { default: () => "''" })
  owner!: string;

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  /** By field name. Kept here and not with the fields, because a description is no part of the schema. */
  @Column('jsonb', { name: 'field_descriptions', default: () => "'{}'" })
  fieldDescriptions!: Record<string, string>;

  @Column('jsonb', { name: 'quality_rules', default: () => "'[]'" })
  qualityRules!: FeatureQualityRule[];

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
