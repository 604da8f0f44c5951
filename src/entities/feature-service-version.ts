import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Dtype, ScalarDtype } from './enums';

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

/** A value that on-demand features read and that is known only with a request, such as the amount of a payment. In datasets it comes from the label's row. */
export interface RequestInput {
  readonly name: string;
  readonly dtype: ScalarDtype;
}

/** One input of a model that is computed from others whenever they are read. */
export interface OnDemandFeature {
  readonly name: string;
  /** See docs/expressions.md. */
  readonly expression: string;
  readonly dtype: ScalarDtype;
  /** The features of the service, computed ones too, and the request inputs that it reads. */
  readonly inputs: readonly string[];
}

/** An immutable list of features from pinned view versions, and of those that are computed from them. */
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

  @Column('jsonb', { name: 'on_demand_features', default: () => "'[]'" })
  onDemandFeatures!: OnDemandFeature[];

  @Column('jsonb', { name: 'request_inputs', default: () => "'[]'" })
  requestInputs!: RequestInput[];

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
