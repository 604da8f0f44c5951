import { pino, type Logger } from 'pino';

export type { Logger };

/** Structured logs, one JSON object a line, on stderr: stdout belongs to what a command answers. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['authorization', 'headers.authorization', 'connectionParams.authorization'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
