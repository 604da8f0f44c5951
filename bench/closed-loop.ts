import { once } from 'node:events';
import net from 'node:net';

export interface Load {
  readonly port: number;
  /** Each connection sends its next request as soon as it has the answer to the last. */
  readonly connections: number;
  readonly seconds: number;
  /** Requests as they go over the wire; taken in turn. */
  readonly requests: readonly Buffer[];
  /** Whether an answer's body is a right one. */
  readonly isRight: (body: string) => boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** A POST of JSON as it goes over the wire. */
export function jsonRequest(path: string, body: unknown): Buffer {
  const json = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`;
  return Buffer.from(`${head}content-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
}

/**
 * Asks over a fixed number of connections for so many seconds. It writes ready-made bytes and reads no more of an answer than it must: with an HTTP
 * client library the client would take as much of the machine as the server.
 * @returns answers per second
 * @throws Error showing the first answer that is not right
 */
export async function closedLoop(load: Load): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + load.seconds * 1000;
  let sent = 0;
  const next = () => (performance.now() < endsAt ? load.requests[sent++ % load.requests.length] : null);
  const answered = await Promise.all(Array.from({ length: load.connections }, () => connection(load, next)));
  const seconds = (performance.now() - startedAt) / 1000;
  return answered.reduce((sum, count) => sum + count, 0) / seconds;
}

/** @returns how many requests were answered over one connection */
async function connection({ port, isRight }: Load, next: () => Buffer | null): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  try {
    await once(socket, 'connect');
    return await new Promise<number>((resolve, reject) => {
      let received: Buffer = Buffer.alloc(0);
      let count = 0;
      const ask = () => {
        const request = next();
        if (request) socket.write(request);
        else resolve(count);
      };
      socket.on('error', reject).on('close', () => reject(new Error('The server closed the connection.')));
      socket.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const body = completeBody(received);
        if (body === null) return;
        received = Buffer.alloc(0);
        count++;
        if (isRight(body)) ask();
        else reject(new Error(`This is not a right answer: ${body.slice(0, 500)}`));
      });
      ask();
    });
  } finally {
    socket.destroy();
  }
}

/** The body of an answer; null until all of it is there. */
function completeBody(received: Buffer): string | null {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = received.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: (\d+)/i.exec(head);
  if (!length) throw new Error(`An answer without a length: ${head}`);
  const bodyStart = headEnd + HEAD_END.length;
  if (received.length < bodyStart + Number(length[1])) return null;
  return received.toString('utf8', bodyStart);
}
