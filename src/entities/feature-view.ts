import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { FeatureQualityKind, QualitySeverity } from './enums';

/** What must hold of the newest rows of a view. NOT_NULL_RATIO and ROW_COUNT use minimum, RANGE minimum and maximum (both inclusive). */
export interface FeatureQualityRule {
  /** null for ROW_COUNT, which is about the view. */
  readonly field: string | null;
  readonly kind: FeatureQualityKind;
  readonly severity: QualitySeverity;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly allowedValues: readonly string[] | null;
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
