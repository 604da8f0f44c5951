import WebSocket from 'ws';
import { until } from './until';

export interface Delivered<Event> {
  readonly cursor: string;
  readonly event: Event;
}

/** One connection of a listener. */
export interface Connection {
  /** The code of the error that the server ended the subscription with, or 'CLOSED' when the connection was cut or never came about. */
  readonly ended: Promise<string>;
  /** Drops the connection without a word. */
  cut(): void;
}

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

/** A listener over connections that come and go: each one resumes after the last event that was handled, and all events are kept in order. */
export class ResumingListener<Event> {
  readonly received: Delivered<Event>[] = [];

  /**
   * @param field of the subscription, for example `events`
   * @param filter its arguments but for `after`, for example `model: "churn"`
   * @param after where it begins; null: from now
   */
  constructor(
    private readonly field: string,
    private readonly filter: string,
    private readonly selection: string,
    private readonly after: string | null,
  ) {}

  get cursor(): string | null {
    return this.received.at(-1)?.cursor ?? this.after;
  }

  connect(url: string): Connection {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
    const query = `subscription Test($after: String) {
      payload: ${this.field}(after: $after, ${this.filter}) { cursor event { ${this.selection} } }
    }`;
    const say = (message: object) => socket.send(JSON.stringify(message));
    const ended = new Promise<string>((resolve) => {
      socket.on('open', () => say({ type: 'connection_init' }));
      socket.on('message', (data: Buffer) => {
        const { type, payload } = JSON.parse(data.toString()) as Message;
        if (type === 'connection_ack')
          say({ id: '1', type: 'subscribe', payload: { query, variables: { after: this.cursor } } });
        else if (type === 'ping') say({ type: 'pong' });
        else if (type === 'error') resolve(codeOf(payload as Errors));
        else if (type === 'next') {
          const { data, errors } = payload as { data?: { payload: Delivered<Event> }; errors?: Errors };
          if (errors) resolve(codeOf(errors));
          else if (data) this.received.push(data.payload);
        }
      });
      // The close that follows an error, or comes alone.
      socket.on('error', () => undefined).on('close', () => resolve('CLOSED'));
    });
    return { ended, cut: () => socket.terminate() };
  }

  /** @throws Error when there are fewer events than that in time */
  async waitFor(count: number): Promise<void> {
    await until(`event number ${count} of ${this.field}(${this.filter})`, () => this.received.length >= count);
  }
}

type Errors = readonly [{ readonly extensions: { readonly code: string } }];

const codeOf = ([{ extensions }]: Errors): string => extensions.code;
