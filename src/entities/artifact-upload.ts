import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ArtifactRole } from './enums';

/** Bytes that somebody has announced, and whether they have come. */
@Entity('artifact_uploads')
export class ArtifactUpload {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: ArtifactRole;

  @Column('text')
  digest!: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column('text', { name: 'media_type' })
  mediaType!: string;

  @Column('text', { default: () => "'PENDING'" })
  status!: 'PENDING' | 'STORED';

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column('text', { name: 'request_id' })
  requestId!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
