import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last link of each audit chain; locked by every transaction that appends to it. */
@Entity('audit_heads')
export class AuditHead {
  @PrimaryColumn('text')
  chain!: string;

  @Column('bigint')
  sequence!: number;

  @Column('bytea')
  hash!: Buffer;
}
