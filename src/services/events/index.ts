/** What happened: recorded with the change (outbox), put in one order (relay), heard without loss (stream, consumers). */
export { EventConsumers } from './event-consumers';
export { EventRelay } from './event-relay';
export { EventStream } from './event-stream';
export { type EventFilter } from './event-subscription';
export { ALERT_CHANGES, type AlertChange, type MooringEvent } from './mooring-event';
export { recordEvent } from './record-event';
export { readRelayLag, type RelayLag } from './relay-lag';
