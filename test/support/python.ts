import { execFileSync } from 'node:child_process';

/** What tests against Python run: MOORING_TEST_PYTHON, else python3. */
export const PYTHON = process.env.MOORING_TEST_PYTHON ?? 'python3';

/** Whether that Python is there and has a module. It is looked for and not imported, which can take seconds. */
export function hasPythonModule(module: string): boolean {
  try {
    const code = 'import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else 1)';
    execFileSync(PYTHON, ['-c', code, module], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
