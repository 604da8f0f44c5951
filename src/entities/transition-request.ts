import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role, Stage, TransitionRequestStatus } from './enums';

/** A move that somebody asks for and others approve. */
@Entity('transition_requests')
export class TransitionRequest {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'model_id' })
  modelId!: string;

  @Column('uuid', { name: 'model_version_id' })
  modelVersionId!: string;

  @Column('text', { name: 'from_stage' })
  fromStage!: Stage;

  @Column('text', { name: 'to_stage' })
  toStage!: Stage;

  @Column('text', { default: () => "''" })
  reason!: string;

  /** PENDING also after it has run out: see `expiresAt`. */
  @Column('text', { default: () => "'PENDING'" })
  status!: TransitionRequestStatus;

  /** Whether it holds only against the production version that it was decided against: `replacesId`, null for none. */
  @Column('boolean', { name: 'checks_production', default: () => 'false' })
  checksProduction!: boolean;

  @Column('uuid', { name: 'replaces_id', nullable: true })
  replacesId!: string | null;

  @Column('integer', { name: 'required_approvals' })
  requiredApprovals!: number;

  @Column('text', { name: 'approver_role', nullable: true })
  approverRole!: Role | null;

  @Column('text', { name: 'requested_by' })
  requestedBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'decided_at', nullable: true })
  decidedAt!: Date | null;

  /** The move that it led to. */
  @Column('uuid', { name: 'transition_id', nullable: true })
  transitionId!: string | null;
}
