import type { EventType } from '../../entities';
import { eventCursor } from './event-cursor';
import type { MooringEvent } from './mooring-event';

/** Runs SQL on a pool or on one connection and gives the rows. */
export type RunSql = (sql: string, parameters: unknown[]) => Promise<unknown[]>;

export interface EventPage {
  /** In order of sequence, all of one snapshot. */
  readonly events: MooringEvent[];
  /** Sequence through which this page tells everything: where the next one begins. */
  readonly through: number;
  /** The greatest sequence given so far. */
  readonly lastSequence: number;
  /** Events up to here are no longer kept. */
  readonly prunedThrough: number;
}

interface EventRow {
  last_sequence: string | number;
  pruned_through: string | number;
  sequence: string | number | null;
  type: EventType;
  model_id: string | null;
  payload: MooringEvent['payload'];
  actor: string;
  request_id: string;
  occurred_at: Date;
}

/**
 * The relayed events after a sequence, with the bounds of what exists, in one statement and so of one snapshot.
 * @param types null: all
 * @param modelId null: of all models and of none
 */
export async function readEvents(
  run: RunSql,
  from: { after: number; types: readonly EventType[] | null; modelId: string | null; limit: number },
): Promise<EventPage> {
  const rows = (await run(
    `SELECT s.last_sequence, s.pruned_through, e.sequence, e.type, e.model_id, e.payload, e.actor, e.request_id, e.occurred_at
     FROM event_sequence s LEFT JOIN LATERAL (
       SELECT * FROM outbox_events
       WHERE sequence > $1 AND ($2::text[] IS NULL OR type = ANY ($2)) AND ($3::uuid IS NULL OR model_id = $3)
       ORDER BY sequence LIMIT $4
     ) e ON true
     ORDER BY e.sequence`,
    [from.after, from.types, from.modelId, from.limit],
  )) as EventRow[];
  const [first] = rows;
  if (!first) throw new Error('event_sequence has no row; the migrations have not run.');
  const lastSequence = Number(first.last_sequence);
  const events = rows.filter((row) => row.sequence !== null).map(toEvent);
  const through = events.length < from.limit ? lastSequence : (events.at(-1)?.sequence ?? lastSequence);
  return { events, through: Math.max(through, from.after), lastSequence, prunedThrough: Number(first.pruned_through) };
}

function toEvent(row: EventRow): MooringEvent {
  const sequence = Number(row.sequence);
  return {
    cursor: eventCursor(sequence),
    sequence,
    type: row.type,
    modelId: row.model_id,
    payload: row.payload,
    actor: row.actor,
    requestId: row.request_id,
    occurredAt: row.occurred_at,
  };
}
