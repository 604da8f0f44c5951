import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one person said of a request. */
@Entity('transition_votes')
export class TransitionVote {
  @PrimaryColumn('uuid', { name: 'request_id' })
  requestId!: string;

  @PrimaryColumn('text')
  actor!: string;

  @Column('boolean')
  approved!: boolean;

  @Column('text', { default: () => "''" })
  comment!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
