import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What truly happened after a prediction. */
@Entity('prediction_outcomes')
export class PredictionOutcome {
  @PrimaryColumn('uuid', { name: 'prediction_id' })
  predictionId!: string;

  /** Of the prediction: outcomes lie in partitions beside their predictions. */
  @PrimaryColumn('timestamptz', { name: 'predicted_at' })
  predictedAt!: Date;

  @Column('boolean')
  outcome!: boolean;

  @Column('timestamptz', { name: 'observed_at' })
  observedAt!: Date;

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'recorded_at', default: () => 'now()' })
  recordedAt!: Date;
}
