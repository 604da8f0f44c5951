import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError, ShuttingDown } from '../errors';
import { GRAPHQL_PATH, type GraphqlOptions } from './graphql-http';
import { LIMITS, maxMessageBytes } from './limits';
import type { Metrics } from './metrics';
import { createProtocol, type OpenOperations, type SocketState } from './websocket-protocol';

const GOING_AWAY = 1001;
const PING_MS = 20_000;
/** For what clients are told at shutdown to get out, before what is left is cut. */
const FAREWELL_MS = 1_000;
/** A close frame carries at most 123 bytes of reason. */
const MAX_REASON_BYTES = 123;

export interface WebSocketOptions extends GraphqlOptions {
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  /** Why a handshake is refused, or null. */
  readonly refuse: (request: IncomingMessage) => string | null;
}

/** GraphQL over WebSocket on the path of GraphQL over HTTP. */
export class GraphqlWebSockets {
  private readonly server: WebSocketServer;
  private readonly open: OpenOperations = { streams: new Set(), executing: 0, draining: false };
  private readonly protocol;
  private readonly pinger: NodeJS.Timeout;
  private readonly answeredPing = new WeakSet<WebSocket>();

  constructor(
    http: Server,
    private readonly options: WebSocketOptions,
  ) {
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: maxMessageBytes(options.maxBodyBytes),
      handleProtocols,
      clientTracking: true,
    });
    this.protocol = createProtocol(options, this.open);
    http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.pinger = setInterval(() => this.ping(), PING_MS).unref();
  }

  /** Queries and mutations under way; subscriptions do not count, they never end by themselves. */
  get executing(): number {
    return this.open.executing;
  }

  /** New operations are refused from here on; those under way go on. */
  drain(): void {
    this.open.draining = true;
  }

  /** Tells every subscription that the server shuts down, then closes the sockets. */
  async stop(): Promise<void> {
    clearInterval(this.pinger);
    for (const stream of [...this.open.streams]) stream.fail(new ShuttingDown());
    // The farewells are on their way by the next turn of the event loop; a close frame must not overtake them.
    await setImmediate();
    const closed = [...this.server.clients].map((socket) => {
      socket.close(GOING_AWAY, 'Shutting down');
      return new Promise((resolve) => socket.once('close', resolve));
    });
    const cut = setTimeout(() => this.server.clients.forEach((socket) => socket.terminate()), FAREWELL_MS);
    await Promise.all(closed);
    clearTimeout(cut);
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== GRAPHQL_PATH) return reject(socket, '404 Not Found', `WebSockets are served at ${GRAPHQL_PATH}.`);
    if (this.open.draining) return reject(socket, '503 Service Unavailable', 'The server is shutting down.');
    const refusal = this.options.refuse(request);
    if (refusal !== null) return reject(socket, '403 Forbidden', refusal);
    this.server.handleUpgrade(request, socket, head, (ws) => this.accept(ws));
  }

  private accept(ws: WebSocket): void {
    const { logger } = this.options;
    const gone = new AbortController();
    const state: SocketState = {
      signal: gone.signal,
      close: (code, reason) => ws.close(code, shorten(reason)),
      authorization: undefined,
      identity: null,
      identified: () => this.watchIdentity(ws, state),
      requestIds: new Map(),
    };
    const closed = this.protocol.opened(
      {
        protocol: ws.protocol,
        // Resolves when the socket has taken it: a slow reader holds back its own stream, whose queue is bounded.
        send: (data) =>
          new Promise((resolve, reject) => {
            if (ws.readyState !== ws.OPEN) resolve();
            else ws.send(data, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => ws.close(code, reason && shorten(reason)),
        onMessage: (handle) =>
          ws.on('message', (data) => {
            handle((data as Buffer).toString()).catch((error: unknown) => {
              // The client may simply have gone while it was being answered.
              if (ws.readyState !== ws.OPEN) return;
              logger.error({ err: error }, 'fault on a WebSocket');
              ws.close(CloseCode.InternalServerError, 'Internal error');
            });
          }),
      },
      state,
    );
    this.answeredPing.add(ws);
    ws.on('pong', () => this.answeredPing.add(ws));
    // Over the size limit, or not WebSocket at all: ws closes it with the fitting code.
    ws.on('error', (error) => logger.debug({ err: error }, 'WebSocket error'));
    ws.once('close', (code, reason) => {
      gone.abort();
      closed(code, String(reason)).catch((error: unknown) =>
        logger.error({ err: error }, 'fault on closing a WebSocket'),
      );
    });
  }

  /** Ends the socket when its token expires or is revoked: a listener need not send anything for days. */
  private watchIdentity(ws: WebSocket, state: SocketState): void {
    let timer: NodeJS.Timeout;
    const check = async () => {
      try {
        state.identity = await this.options.authenticate(state.authorization, 'socket-check');
      } catch (error) {
        if (error instanceof DomainError) {
          state.close(CloseCode.Unauthorized, error.message);
          return;
        }
        this.options.logger.warn({ err: error }, 'could not check the token of a WebSocket; it is checked again');
      }
      schedule();
    };
    const schedule = () => {
      // It may have closed while its token was looked up.
      if (ws.readyState === ws.CLOSED) return;
      const untilExpiry = (state.identity?.expiresAt?.getTime() ?? Infinity) - Date.now();
      timer = setTimeout(() => void check(), Math.max(0, Math.min(LIMITS.socketCheckMs, untilExpiry)));
    };
    schedule();
    ws.once('close', () => clearTimeout(timer));
  }

  private ping(): void {
    for (const ws of this.server.clients) {
      if (!this.answeredPing.delete(ws)) ws.terminate();
      else ws.ping();
    }
  }
}

function reject(socket: Duplex, status: string, message: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}

const shorten = (reason: string): string =>
  Buffer.from(reason)
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD$/, '');
