/** The database cannot be used. The message is one line for the terminal: what is wrong and what to do; it never holds a password. */
export class DatabaseStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseStartError';
  }
}
