import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A link of a version to an MLflow experiment and run. */
@Entity('model_experiments')
export class ModelExperiment {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text', { name: 'tracking_uri' })
  trackingUri!: string;

  @Column('text', { name: 'experiment_id' })
  experimentId!: string;

  @Column('text', { name: 'run_id' })
  runId!: string;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
