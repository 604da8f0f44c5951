import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

interface Contract {
  readonly mlflow: string;
  readonly ids: Readonly<Record<'experimentId' | 'runId' | 'otherExperimentId' | 'emptyRunId', string>>;
  readonly answers: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>;
}

/** What a real `mlflow server` answered; make-run.py recorded it. */
export const CONTRACT = JSON.parse(fs.readFileSync(path.join(__dirname, 'contract.json'), 'utf8')) as Contract;

/** Answers one request in its own way, and says whether it did. */
type Fault = (request: http.IncomingMessage, response: http.ServerResponse) => boolean;

/** A server that answers as recorded, and wrongly on request. */
export class StubMlflow {
  /** Path and query of what was asked. */
  readonly asked: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  private fault: Fault = () => false;

  private constructor(private readonly server: http.Server) {}

  /** @param port for a server that comes back where it was */
  static async start(port = 0): Promise<StubMlflow> {
    const server = http.createServer((request, response) => stub.answer(request, response));
    const stub = new StubMlflow(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return stub;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on; without one it is right again. */
  misbehave(fault: Fault = () => false): void {
    this.fault = fault;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.asked.push(request.url ?? '');
    this.authorizations.push(request.headers.authorization);
    if (this.fault(request, response)) return;
    const answer = CONTRACT.answers[request.url ?? ''];
    response.writeHead(answer?.status ?? 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.body ?? {}));
  }
}

/** The same answer to every request. */
export const always =
  (status: number, body: string, headers: http.OutgoingHttpHeaders = {}): Fault =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
    return true;
  };
