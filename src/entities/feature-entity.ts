import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ScalarDtype } from './enums';

/** A column that identifies an entity, alone or together with others. */
export interface JoinKey {
  readonly name: string;
  readonly dtype: ScalarDtype;
}

/** What features describe (a subscriber, say), by its join keys. */
@Entity('feature_entities')
export class FeatureEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('jsonb', { name: 'join_keys' })
  joinKeys!: JoinKey[];

  @Column('text', { default: () => "''" })
  description!: string;

  @Column('text', { default: () => "''" })
  owner!: string;

  @Column('jsonb', { default: () => "'{}'" })
  tags!: Record<string, string>;

  @Column('integer', { default: () => '1' })
  revision!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
