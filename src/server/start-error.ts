/** The server cannot start as it is configured. The message is all that a user needs: what is wrong and what to do. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** What listen() throws, in a user's terms; null for what has no known cause. */
export function listenProblem(error: unknown, host: string, port: number): StartError | null {
  const { code } = error as NodeJS.ErrnoException;
  const problem = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop what uses it, or set MOORING_PORT to another one (0 takes a free one).`,
    EACCES: `Port ${port} needs more rights than this user has. Set MOORING_PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Correct MOORING_HOST.`,
    ENOTFOUND: `The name ${host} leads nowhere. Correct MOORING_HOST.`,
  }[code ?? ''];
  return problem === undefined ? null : new StartError(problem, { cause: error });
}
