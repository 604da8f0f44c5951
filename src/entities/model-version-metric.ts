import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One metric of one version on one dataset split. */
@Entity('model_version_metrics')
export class ModelVersionMetric {
  @PrimaryColumn('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('text')
  split!: string;

  @Column('double precision')
  value!: number;

  /** Of training, at which it was measured; null where there are no steps. */
  @Column('integer', { nullable: true })
  step?: number | null;
}
