import fc from 'fast-check';
import type { AlertOutcome } from '../../../../src/entities';
import {
  type AlertState,
  type AlertStep,
  type Confirmation,
  type JudgedWindow,
  nextStep,
} from '../../../../src/services/monitoring/alerts/confirmation.policy';

const LETTERS = { B: 'BREACHED', C: 'CLEAN', '-': 'NOT_EVALUABLE' } as const satisfies Record<string, AlertOutcome>;
const at = (second: number): Date => new Date(second * 1000);

/** Windows by their letters, oldest first, one a second from 1 on. @returns newest first */
const windows = (letters: string): JudgedWindow[] =>
  [...letters].map((letter, index) => ({ outcome: LETTERS[letter as 'B'], observedAt: at(index + 1) })).reverse();

const rule = (changes: Partial<Confirmation> = {}): Confirmation => ({
  required: 1,
  outOf: 1,
  reopenWithinSeconds: 0,
  autoResolve: false,
  ...changes,
});
const NONE: AlertState = { status: 'NONE' };
const OPEN: AlertState = { status: 'OPEN' };
const resolved = (second: number): AlertState => ({ status: 'RESOLVED', resolvedAt: at(second) });

describe('A window', () => {
  it.each<[string, AlertState, Partial<Confirmation>, AlertStep]>([
    ['', NONE, {}, 'NOTHING'],
    ['B', NONE, {}, 'RAISE'],
    ['C', NONE, {}, 'NOTHING'],
    ['-', NONE, {}, 'NOTHING'],
    ['B', NONE, { required: 2, outOf: 3 }, 'NOTHING'],
    ['BCB', NONE, { required: 2, outOf: 3 }, 'RAISE'],
    ['BCCB', NONE, { required: 2, outOf: 3 }, 'NOTHING'],
    // What could not be judged is passed over, and never confirms by itself.
    ['B---B', NONE, { required: 2, outOf: 2 }, 'RAISE'],
    ['BB-', NONE, { required: 2, outOf: 2 }, 'NOTHING'],
    ['B', OPEN, { required: 3, outOf: 3 }, 'REPEAT'],
    ['BC', OPEN, {}, 'NOTHING'],
    ['BC', OPEN, { autoResolve: true }, 'RESOLVE'],
    ['BCC', OPEN, { autoResolve: true, outOf: 3 }, 'NOTHING'],
    ['BCC-C', OPEN, { autoResolve: true, outOf: 3 }, 'RESOLVE'],
    ['BC-', OPEN, { autoResolve: true }, 'NOTHING'],
    ['CC', resolved(1), { autoResolve: true }, 'NOTHING'],
    // Settled at second 2: what was known by then confirms nothing.
    ['BB', resolved(2), {}, 'NOTHING'],
    ['BBB', resolved(2), { required: 2, outOf: 2 }, 'NOTHING'],
    ['BBBB', resolved(2), { required: 2, outOf: 2 }, 'RAISE'],
    // One breach within the grace is enough; behind it, it is as if there had been no alert.
    ['BBB', resolved(2), { required: 2, outOf: 2, reopenWithinSeconds: 1 }, 'REOPEN'],
    ['BBCB', resolved(2), { required: 2, outOf: 2, reopenWithinSeconds: 1 }, 'NOTHING'],
    ['BBCB', resolved(2), { reopenWithinSeconds: 1 }, 'RAISE'],
  ])('%j of an alert that is %j by %j: %s', (letters, state, changes, step) => {
    expect(nextStep(windows(letters), state, rule(changes))).toBe(step);
  });
});

/** The alert of a rule, written down as a story: it remembers windows one by one and never looks back at a list. */
class NaiveAlert {
  private readonly last: { outcome: AlertOutcome; second: number }[] = [];
  private cleanInARow = 0;
  status: 'NONE' | 'OPEN' | 'RESOLVED' = 'NONE';
  resolvedAt = -1;

  constructor(private readonly of: Confirmation) {}

  see(outcome: AlertOutcome, second: number): AlertStep {
    if (outcome === 'NOT_EVALUABLE') return 'NOTHING';
    this.last.push({ outcome, second });
    if (this.last.length > this.of.outOf) this.last.shift();
    this.cleanInARow = outcome === 'CLEAN' ? this.cleanInARow + 1 : 0;
    if (outcome === 'CLEAN') {
      if (this.status !== 'OPEN' || !this.of.autoResolve || this.cleanInARow < this.of.outOf) return 'NOTHING';
      this.resolve(second);
      return 'RESOLVE';
    }
    if (this.status === 'OPEN') return 'REPEAT';
    if (this.status === 'RESOLVED' && second <= this.resolvedAt) return 'NOTHING';
    if (this.status === 'RESOLVED' && second - this.resolvedAt <= this.of.reopenWithinSeconds) {
      this.status = 'OPEN';
      return 'REOPEN';
    }
    let breaches = 0;
    for (const seen of this.last) if (seen.outcome === 'BREACHED' && seen.second > this.resolvedAt) breaches++;
    if (breaches < this.of.required) return 'NOTHING';
    this.status = 'OPEN';
    return 'RAISE';
  }

  resolve(second: number): void {
    this.status = 'RESOLVED';
    this.resolvedAt = second;
  }
}

describe('The alert of a rule', () => {
  const story = fc.array(
    fc.record({
      letter: fc.constantFrom('B', 'B', 'C', '-'),
      handled: fc.boolean(),
      pause: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 40 },
  );
  const rules = fc
    .record({
      outOf: fc.integer({ min: 1, max: 5 }),
      required: fc.integer({ min: 1, max: 5 }),
      reopenWithinSeconds: fc.integer({ min: 0, max: 6 }),
      autoResolve: fc.boolean(),
    })
    .map((drawn) => ({ ...drawn, required: Math.min(drawn.required, drawn.outOf) }));

  it('goes the way of a naive model that is told of one window after the other', () => {
    fc.assert(
      fc.property(story, rules, (events, of) => {
        const naive = new NaiveAlert(of);
        const seen: JudgedWindow[] = [];
        let state: AlertState = NONE;
        let second = 0;
        for (const { letter, handled, pause } of events) {
          second += pause;
          seen.unshift({ outcome: LETTERS[letter as 'B'], observedAt: at(second) });
          const step = nextStep(seen, state, of);
          expect(step).toBe(naive.see(LETTERS[letter as 'B'], second));
          if (step === 'RAISE' || step === 'REOPEN') state = OPEN;
          if (step === 'RESOLVE') state = resolved(second);
          if (handled && state.status === 'OPEN') {
            state = resolved(second);
            naive.resolve(second);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
