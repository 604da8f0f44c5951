import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Dtype } from './enums';

export interface FeatureField {
  readonly name: string;
  readonly dtype: Dtype;
}

/** An immutable schema of a feature view. */
@Entity('feature_view_versions')
export class FeatureViewVersion {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'feature_view_id' })
  featureViewId!: string;

  @Column('integer')
  version!: number;

  @Column('jsonb')
  fields!: FeatureField[];

  @Column('double precision', { name: 'ttl_seconds', nullable: true })
  ttlSeconds!: number | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
