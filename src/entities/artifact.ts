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

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
