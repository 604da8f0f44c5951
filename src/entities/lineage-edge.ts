import { Column, Entity, PrimaryColumn } from 'typeorm';

/** from_node was used to make to_node. */
@Entity('lineage_edges')
export class LineageEdge {
  @PrimaryColumn('text', { name: 'from_node' })
  fromNode!: string;

  @PrimaryColumn('text', { name: 'to_node' })
  toNode!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
