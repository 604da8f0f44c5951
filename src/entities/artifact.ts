import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Bytes known by their SHA-256. */
@Entity('artifacts')
export class Artifact {
  @PrimaryColumn('text')
  digest!: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column('text', { name: 'media_type' })
  mediaType!: string;

  /** Until then it is not collected, referenced or not. */
  @Column('timestamptz', { name: 'held_until', default: () => "now() + interval '24 hours'" })
  heldUntil!: Date;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
