import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { guardCleanup } from './cleanup-guard';
import { type ServerExit, type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process';

/** One data directory and the server processes that come and go on it. */
export class RestartableServer {
  private readonly processes: ServerProcess[] = [];
  private readonly guard;

  private constructor(
    readonly dataDirectory: string,
    private readonly options: ServerProcessOptions,
  ) {
    this.guard = guardCleanup(dataDirectory);
  }

  /** Starts the first one, with an embedded PostgreSQL unless the options name another. */
  static async start(options: Omit<ServerProcessOptions, 'dataDirectory'> = {}): Promise<RestartableServer> {
    const dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-restart-'));
    // Root's PostgreSQL runs as another user, who has to get in.
    fs.chmodSync(dataDirectory, 0o711);
    const server = new RestartableServer(dataDirectory, options);
    await server.restart();
    return server;
  }

  get url(): string {
    return this.current.url;
  }

  /** Of the present process. */
  output(): string {
    return this.current.output();
  }

  /** kill -9. What it started, such as PostgreSQL, is left alone. */
  crash(): Promise<ServerExit> {
    return this.endProcess('SIGKILL');
  }

  /** SIGTERM, as an orchestrator or Ctrl-C would. */
  terminate(): Promise<ServerExit> {
    return this.endProcess('SIGTERM');
  }

  /** Starts the next process; the one before must have ended. */
  async restart(): Promise<void> {
    this.processes.unshift(await startServerProcess({ ...this.options, dataDirectory: this.dataDirectory }));
  }

  /** Ends everything and removes the directory. */
  async end(): Promise<void> {
    for (const process of this.processes) await process.stop();
    await this.guard.cleanUp();
  }

  private get current(): ServerProcess {
    const [process] = this.processes;
    if (!process) throw new Error('No server has been started');
    return process;
  }

  private endProcess(signal: NodeJS.Signals): Promise<ServerExit> {
    this.current.kill(signal);
    return this.current.exited;
  }
}
