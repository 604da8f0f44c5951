import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One append-only row for every change that matters, linked to the one before by its hash. */
@Entity('audit_entries')
export class AuditEntry {
  @PrimaryColumn('text')
  chain!: string;

  @PrimaryColumn('bigint')
  sequence!: number;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt!: Date;

  @Column('text')
  actor!: string;

  @Column('text')
  action!: string;

  @Column('text')
  subject!: string;

  @Column('jsonb')
  details!: Record<string, unknown>;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('bytea', { name: 'previous_hash' })
  previousHash!: Buffer;

  @Column('bytea')
  hash!: Buffer;
}
