import { Cancelled, InvalidInput, InvalidInputs, NotReady, ShuttingDown } from '../../../src/errors';
import { MAX_ATTEMPTS, decideOrphan, decideOutcome } from '../../../src/services/jobs/job-outcome.policy';

const fault = new TypeError('password=hunter2 is not a function');

test('an outcome that the domain names fails the job at once, with its code', () => {
  const error = new NotReady('dataset', 'd1', 'FAILED', 'Make another.');
  expect(decideOutcome(error, null, 1, 'r1')).toEqual({
    kind: 'END',
    status: 'FAILED',
    failure: { code: 'NOT_READY', message: 'The dataset d1 is FAILED. Make another.' },
  });
});

test('values at fault stand in the failure one by one', () => {
  const error = new InvalidInputs([
    new InvalidInput(['rows', '3', 'minutes'], 'is missing'),
    new InvalidInput(['rows', '4', 'minutes'], 'is missing'),
  ]);
  expect(decideOutcome(error, null, 1, 'r1')).toMatchObject({
    failure: {
      code: 'INVALID_INPUT',
      problems: [
        { field: ['rows', '3', 'minutes'], message: 'rows.3.minutes: is missing' },
        { field: ['rows', '4', 'minutes'], message: 'rows.4.minutes: is missing' },
      ],
    },
  });
});

test('a fault is tried again after a growing pause', () => {
  expect(decideOutcome(fault, null, 1, 'r1')).toEqual({ kind: 'RETRY', pauseSeconds: 1 });
  expect(decideOutcome(fault, null, 2, 'r1')).toEqual({ kind: 'RETRY', pauseSeconds: 4 });
});

test('the last fault fails the job with a masked message that names the request', () => {
  expect(decideOutcome(fault, null, MAX_ATTEMPTS, 'r1')).toEqual({
    kind: 'END',
    status: 'FAILED',
    failure: { code: 'INTERNAL_SERVER_ERROR', message: 'Internal error. Request r1' },
  });
});

test('whatever a cancelled handler throws, the job is cancelled', () => {
  for (const error of [fault, new Error('aborted'), new Cancelled('The job')])
    expect(decideOutcome(error, 'CANCEL', 1, 'r1')).toMatchObject({
      status: 'CANCELLED',
      failure: { code: 'CANCELLED' },
    });
});

test('a handler that gives way to a shutdown leaves its job to the next start, and the attempt does not count', () => {
  expect(decideOutcome(new ShuttingDown(), 'SHUTDOWN', MAX_ATTEMPTS, 'r1')).toEqual({ kind: 'RELEASE' });
  expect(decideOutcome(fault, 'SHUTDOWN', 1, 'r1')).toEqual({ kind: 'RELEASE' });
  expect(decideOutcome(new ShuttingDown(), null, 1, 'r1')).toEqual({ kind: 'RELEASE' });
});

test('a job that another worker took over is no longer decided here', () => {
  expect(decideOutcome(fault, 'LOST', 1, 'r1')).toEqual({ kind: 'NONE' });
});

test('a job whose process died is run again at once, but not for ever', () => {
  expect(decideOrphan(1)).toEqual({ kind: 'RETRY', pauseSeconds: 0 });
  expect(decideOrphan(MAX_ATTEMPTS)).toMatchObject({ kind: 'END', status: 'FAILED', failure: { code: 'WORKER_LOST' } });
  expect(decideOrphan(MAX_ATTEMPTS)).toMatchObject({ failure: { message: expect.stringContaining('3 times') } });
});
