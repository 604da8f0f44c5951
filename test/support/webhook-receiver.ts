import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver answers; 'HANG': nothing. */
export type Answer = 'HANG' | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** An HTTP server that notes what it is sent and answers as it is told, 200 where it is not. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** For the next requests, in order. */
  readonly answers: Answer[] = [];

  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookReceiver> {
    const server = http.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void receiver.take(request, response));
    return receiver;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.received.push({ path: request.url ?? '', headers: request.headers, body });
    const answer = this.answers.shift() ?? { status: 200 };
    if (answer !== 'HANG') response.writeHead(answer.status, answer.headers).end();
  }
}
