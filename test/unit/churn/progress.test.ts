import { Progress, StepFailed } from '../../../examples/churn/progress';

/** A clock that goes on by a second and a half whenever it is read. */
function clock(): () => number {
  let now = 0;
  return () => (now += 1_500) - 1_500;
}

describe('Progress', () => {
  it('writes one line per step with the seconds since the start, the result and the step’s own seconds', async () => {
    const lines: string[] = [];
    const progress = new Progress({ write: (text) => lines.push(text) }, clock());
    const answer = await progress.step('ingest', 'Ingest', async (report) => {
      report.progress(0.5, 'half');
      report.result('10 rows');
      return 7;
    });
    expect(answer).toBe(7);
    expect(lines).toEqual([expect.stringMatching(/^ {3}4\.5 s {2}Ingest +10 rows {2}\(1\.5 s\)\n$/)]);
    expect(progress.secondsPerStep).toEqual({ ingest: 1.5 });
  });

  it('adds up the seconds of steps under one key', async () => {
    const progress = new Progress({ write: () => undefined }, clock());
    await progress.step('ingest', 'Past', () => Promise.resolve());
    await progress.step('ingest', 'Later', () => Promise.resolve());
    expect(progress.secondsPerStep).toEqual({ ingest: 3 });
  });

  it('shows the share done on a terminal, over and over on the same line', async () => {
    const texts: string[] = [];
    const progress = new Progress({ write: (text) => texts.push(text), isTTY: true }, clock());
    await progress.step('train', 'Train', (report) => {
      report.progress(0.42, 'trees');
      return Promise.resolve();
    });
    expect(texts.filter((text) => text.includes('\n'))).toHaveLength(1);
    expect(texts.some((text) => text.startsWith('\r\u001b[2K') && text.includes('42 %  trees'))).toBe(true);
  });

  it('names the step that failed and keeps the cause', async () => {
    const lines: string[] = [];
    const progress = new Progress({ write: (text) => lines.push(text) }, clock());
    const cause = new Error('no rows');
    const failure = await progress.step('train', 'Train', () => Promise.reject(cause)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StepFailed);
    expect(failure).toMatchObject({ step: 'Train', message: 'Train: no rows', cause });
    expect(lines.join('')).toContain('failed');
  });
});
