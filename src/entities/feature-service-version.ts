import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Dtype } from './enums';

/** A join key of a view, and the entity key whose value it is compared with. */
export interface JoinKeyMapping {
  readonly joinKey: string;
  readonly entityKey: string;
}

/** One input of a model: a field of one version of a view, under the name that the model knows. */
export interface ServiceFeature {
  readonly name: string;
  readonly view: string;
  readonly viewVersion: number;
  readonly viewVersionId: string;
  readonly field: string;
  readonly dtype: Dtype;
  /** Those that are not compared with the entity key of the same name, in the order of the view's join keys; absent when there are none. */
  readonly joinKeyMap?: readonly JoinKeyMapping[];
}

/** An immutable list of features from pinned view versions. */
@Entity('feature_service_versions')
export class FeatureServiceVersion {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'feature_service_id' })
  featureServiceId!: string;

  @Column('integer')
  version!: number;

  @Column('jsonb')
  features!: ServiceFeature[];

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
