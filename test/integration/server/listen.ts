import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { HttpServer } from '../../../src/server/http-server';
import type { Answer, AnsweredError } from './test-api';

const address = ({ port }: HttpServer) => `ws://127.0.0.1:${port}/graphql`;

export const connect = (to: HttpServer, connectionParams: Record<string, unknown> = {}): Client =>
  createClient({ url: address(to), webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });

export interface Heard {
  readonly results: readonly Answer[];
  /** What the operation was refused or broken off with. */
  readonly errors?: readonly AnsweredError[];
  /** How the socket was closed under it. */
  readonly closed?: { readonly code: number; readonly reason: string };
}

interface Listening {
  readonly variables?: Record<string, unknown>;
  readonly onNext?: () => void;
}

/** Everything that an operation answers until it ends. */
export function hear(query: string, by: Client, { variables, onNext }: Listening = {}): Promise<Heard> {
  const results: Answer[] = [];
  return new Promise((resolve) => {
    by.subscribe(
      { query, variables },
      {
        next: (result) => {
          results.push(result as Answer);
          onNext?.();
        },
        error: (error) => {
          if (Array.isArray(error)) resolve({ results, errors: error as AnsweredError[] });
          else resolve({ results, closed: error as { code: number; reason: string } });
        },
        complete: () => resolve({ results }),
      },
    );
  });
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export const INIT = JSON.stringify({ type: 'connection_init' });
export const subscribe = (id: string, query: string): string =>
  JSON.stringify({ id, type: 'subscribe', payload: { query } });

/** A bare socket, to say what no client would. @returns what it hears, and how it is closed */
export function speak(to: HttpServer, lines: readonly string[], headers: Record<string, string> = {}) {
  const socket = new WebSocket(address(to), 'graphql-transport-ws', { headers });
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  const closed = new Promise<{ code: number; reason: string }>((resolve, reject) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      reject(new Error(`HTTP ${response.statusCode}`));
    });
    socket.on('error', () => undefined);
  });
  closed.catch(() => undefined);
  const [first, ...others] = lines;
  socket.once('open', () => {
    if (first !== undefined) socket.send(first);
  });
  // Who has not been let in yet may ask for nothing.
  socket.once('message', () => others.forEach((line) => socket.send(line)));
  return { socket, messages, closed };
}
