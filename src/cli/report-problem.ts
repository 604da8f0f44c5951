import { DomainError } from '../errors';

/** Errors whose message is written for the terminal: what is wrong, and what to do. They are known by name, so that no heavy module is loaded for it. */
const FOR_USERS = new Set(['ConfigurationError', 'DatabaseStartError', 'StartError', 'OptionProblem', 'StepFailed']);

/** Tells why a command failed, on stderr: the message alone for what a user can mend, the stack as well for what is ours. */
export function reportProblem(error: unknown): void {
  if (error instanceof DomainError || (error instanceof Error && FOR_USERS.has(error.name))) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  process.stderr.write(`This is a fault of Mooring: ${error instanceof Error ? error.stack : String(error)}\n`);
}
