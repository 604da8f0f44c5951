import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The features that a model uses. */
@Entity('feature_services')
export class FeatureService {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('integer', { name: 'current_version', default: () => '1' })
  currentVersion!: number;

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('text', { default: () => "''" })
  owner!: string;

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  /** Of on-demand features and request inputs, by name; those that are not empty. */
  @Column('jsonb', { name: 'on_demand_descriptions', default: () => "'{}'" })
  onDemandDescriptions!: Record<string, string>;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
