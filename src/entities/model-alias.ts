import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A free name that points to one version of its model, and can be moved to another. */
@Entity('model_aliases')
export class ModelAlias {
  @PrimaryColumn('uuid', { name: 'model_id' })
  modelId!: string;

  @PrimaryColumn('text')
  alias!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text', { name: 'set_by' })
  setBy!: string;

  @Column('timestamptz', { name: 'set_at', default: () => 'now()' })
  setAt!: Date;
}
