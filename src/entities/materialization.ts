import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a view has been written to the online store. */
@Entity('materializations')
export class Materialization {
  @PrimaryColumn('uuid', { name: 'feature_view_version_id' })
  featureViewVersionId!: string;

  /** Of the store that it has got so far with. */
  @Column('text', { name: 'store_id' })
  storeId!: string;

  @Column('bigint')
  watermark!: number;

  @Column('bigint', { name: 'row_count' })
  rowCount!: number;

  @Column('timestamptz', { name: 'materialized_at', default: () => 'now()' })
  materializedAt!: Date;
}
