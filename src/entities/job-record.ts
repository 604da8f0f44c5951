import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { JobKind, JobStatus } from './enums';

/** One value that a job cannot work with. */
export interface JobProblem {
  /** Its path, for example ['rows', '3', 'tenure']. */
  readonly field: readonly string[] | null;
  readonly message: string;
}

/** Long work: its state, progress and outcome. */
@Entity('jobs')
export class JobRecord {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text')
  kind!: JobKind;

  @Column('text', { default: () => "'QUEUED'" })
  status!: JobStatus;

  @Column('text')
  subject!: string;

  @Column('jsonb')
  input!: Record<string, unknown>;

  @Column('double precision', { name: 'progress_ratio', default: () => '0' })
  progressRatio!: number;

  @Column('text', { name: 'progress_message', default: () => "''" })
  progressMessage!: string;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode!: string | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  /** The values at fault, where it failed for its input. */
  @Column('jsonb', { name: 'error_problems', nullable: true })
  errorProblems!: JobProblem[] | null;

  @Column('integer', { default: () => '0' })
  attempt!: number;

  @Column('boolean', { name: 'cancel_requested', default: () => 'false' })
  cancelRequested!: boolean;

  @Column('text')
  actor!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('uuid', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  @Column('timestamptz', { name: 'heartbeat_at', nullable: true })
  heartbeatAt!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
