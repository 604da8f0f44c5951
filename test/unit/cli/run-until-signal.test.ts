import { runUntilSignal, untilAborted } from '../../../src/cli/run-until-signal';
import type { Logger } from '../../../src/logger';

const logger = { info: jest.fn(), fatal: jest.fn() } as unknown as Logger;
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('runUntilSignal', () => {
  it('answers with the code of what it ran', async () => {
    await expect(runUntilSignal(logger, async () => 3)).resolves.toBe(3);
  });

  it('ends on a signal, and stops what was started in the opposite order', async () => {
    const stopped: string[] = [];
    const ended = runUntilSignal(logger, async ({ signal, onStop }) => {
      onStop(async () => void stopped.push('database'));
      onStop(async () => void stopped.push('server'));
      await untilAborted(signal);
      return 0;
    });
    await tick();
    process.emit('SIGTERM');
    await expect(ended).resolves.toBe(0);
    expect(stopped).toEqual(['server', 'database']);
  });

  it('lets what it ran say that a signal has cut it off', async () => {
    const ended = runUntilSignal(logger, async ({ signal }) => {
      await untilAborted(signal);
      return 130;
    });
    await tick();
    process.emit('SIGINT');
    await expect(ended).resolves.toBe(130);
  });

  it('takes the signal that npm repeats at once for the same one', async () => {
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const ended = runUntilSignal(logger, async ({ signal }) => {
      await untilAborted(signal);
      return 0;
    });
    await tick();
    process.emit('SIGINT');
    process.emit('SIGINT');
    await ended;
    expect(exit).not.toHaveBeenCalled();
    exit.mockRestore();
  });

  it('ends in order, and with code 1, when nobody catches an error', async () => {
    const stop = jest.fn(async () => undefined);
    const ended = runUntilSignal(logger, async ({ signal, onStop }) => {
      onStop(stop);
      await untilAborted(signal);
      return 0;
    });
    await tick();
    process.emit('unhandledRejection', new Error('boom'), Promise.resolve());
    await expect(ended).resolves.toBe(1);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(logger.fatal).toHaveBeenCalledWith({ err: new Error('boom') }, expect.any(String));
  });

  it('stops what was started before what failed, and passes the error on', async () => {
    const stop = jest.fn(async () => undefined);
    const failing = runUntilSignal(logger, async ({ onStop }) => {
      onStop(stop);
      throw new Error('the port is in use');
    });
    await expect(failing).rejects.toThrow('the port is in use');
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it('makes no news of what breaks because it is being stopped', async () => {
    const ended = runUntilSignal(logger, async ({ signal }) => {
      await untilAborted(signal);
      throw new Error('socket closed');
    });
    await tick();
    process.emit('SIGTERM');
    await expect(ended).resolves.toBe(0);
  });

  it('leaves no listeners behind', async () => {
    const before = process.listenerCount('SIGTERM');
    await runUntilSignal(logger, async () => 0);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
