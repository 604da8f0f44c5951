import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { ModelVersion } from '../../../src/entities';
import { InvalidInput, NotServable } from '../../../src/errors';
import { OnnxModel } from '../../../src/services/onnx';
import { Scorer } from '../../../src/services/serving/scorer';
import { linearVersion, MemoryArtifacts, sigmoid } from '../../support/linear-version';

const artifacts = new MemoryArtifacts();
let version: ModelVersion;
let scorer: Scorer;
const runs = jest.spyOn(OnnxModel.prototype, 'predictProbabilities');

beforeEach(async () => {
  version = await linearVersion(artifacts);
  scorer = await Scorer.load(version, 'toy 1', artifacts);
  runs.mockClear();
});
afterEach(() => scorer.release());

describe('A scorer', () => {
  it('scores the rows of one turn of the event loop in one run, each answer at its own row', async () => {
    const xs = Array.from({ length: 100 }, (_, index) => (index - 50) / 10);
    const probabilities = await Promise.all(xs.map((x) => scorer.score({ x })));
    expect(runs).toHaveBeenCalledTimes(1);
    probabilities.forEach((probability, index) => {
      expect(probability).toBeCloseTo(sigmoid(xs[index]), 6);
    });
  });

  it('scores what comes in a later turn in another run', async () => {
    const first = scorer.score({ x: 1 });
    await nextTurn();
    await Promise.all([first, scorer.score({ x: 2 })]);
    expect(runs).toHaveBeenCalledTimes(2);
  });

  it('gives a row the same answer alone and in any company', async () => {
    const rows = fc.array(fc.double({ noNaN: true, min: -20, max: 20 }), { minLength: 1, maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(rows, async (xs) => {
        const together = await Promise.all(xs.map((x) => scorer.score({ x })));
        const alone = await scorer.score({ x: xs[0] });
        expect(together[0]).toBe(alone);
      }),
      { numRuns: 30 },
    );
  });

  it('takes what is absent for null', async () => {
    expect(await scorer.score({})).toBe(0.5);
    expect(await scorer.score({ x: null })).toBe(0.5);
  });

  it('fails the rows of a run that fails, and those of the next one not', async () => {
    runs.mockRejectedValueOnce(new Error('out of memory'));
    const failing = await Promise.allSettled([scorer.score({ x: 1 }), scorer.score({ x: 2 })]);
    expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(scorer.score({ x: 0 })).resolves.toBe(0.5);
  });

  it('is not made of a version that cannot serve, and the error says why', async () => {
    const reason = 'It has 2 inputs.';
    await expect(Scorer.load({ ...version, notServableReason: reason }, 'toy 1', artifacts)).rejects.toThrow(
      new NotServable('toy 1', reason),
    );
    await expect(Scorer.load({ ...version, preprocessingDigest: null }, 'toy 1', artifacts)).rejects.toThrow(
      /no preprocessing pipeline/,
    );
    const { digest } = await artifacts.put(new Uint8Array(8), 'application/onnx');
    await expect(Scorer.load({ ...version, modelDigest: digest }, 'toy 1', artifacts)).rejects.toThrow(InvalidInput);
  });
});
