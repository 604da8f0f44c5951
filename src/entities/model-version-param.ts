import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One training parameter of one version. */
@Entity('model_version_params')
export class ModelVersionParam {
  @PrimaryColumn('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @PrimaryColumn('text')
  name!: string;

  @Column('text')
  value!: string;
}
