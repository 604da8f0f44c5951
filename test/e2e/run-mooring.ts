import { spawn } from 'node:child_process';
import path from 'node:path';

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const BIN = path.resolve(__dirname, '..', '..', 'bin', 'mooring.js');

interface LaunchedCommand {
  readonly result: Promise<CommandResult>;
  /** What it has written to stderr so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
}

/** Runs a command line to its end. The environment has nothing of Mooring's but what is given. */
export const runMooring = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  launchMooring(args, env).result;

/** The same, for whoever has something to do before the end. */
export function launchMooring(args: readonly string[], env: Readonly<Record<string, string>> = {}): LaunchedCommand {
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:MOORING_|DATABASE_URL$|MIGRATION_)/.test(name));
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return {
    result,
    stderr: () => output.stderr,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** What the launcher says on stderr when the sources are newer than dist/. */
export const withoutBuildNote = (text: string): string => text.replace(/^build: .*\n/gm, '');
