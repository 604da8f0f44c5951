import type { MooringEvent } from '../../../src/services/events';
import { eventCursor } from '../../../src/services/events/event-cursor';

/** An event of the given sequence, as the stream would give it. */
export const anEvent = (sequence: number, changes: Partial<MooringEvent> = {}): MooringEvent => ({
  cursor: eventCursor(sequence),
  sequence,
  type: 'DATASET_READY',
  modelId: null,
  payload: { datasetId: `d${sequence}` },
  actor: 'ada',
  requestId: 'r1',
  occurredAt: new Date(0),
  ...changes,
});
