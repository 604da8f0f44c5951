import fc from 'fast-check';
import {
  AUTOMATIC,
  type CompactableFile,
  compactionRuns,
  ON_DEMAND,
} from '../../../src/services/features/compaction/compaction.policy';

const NOW = new Date('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

const file = (ingestSequence: number, sizeBytes: number, ageHours = 2): CompactableFile => ({
  file: `f${ingestSequence}`,
  rewritten: false,
  ingestSequence,
  batchCount: 1,
  rowCount: Math.ceil(sizeBytes / 50),
  sizeBytes,
  newestBatchAt: new Date(NOW.getTime() - ageHours * HOUR),
});
const namesOf = (runs: CompactableFile[][]) => runs.map((run) => run.map((each) => each.ingestSequence));
const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);
const small = (from: number, count: number) => range(from, count).map((n) => file(n, 4096));

test('eight small neighbours become one file, seven stay', () => {
  expect(namesOf(compactionRuns(small(1, 8), AUTOMATIC, NOW))).toEqual([range(1, 8)]);
  expect(compactionRuns(small(1, 7), AUTOMATIC, NOW)).toEqual([]);
});

test('on demand two are enough, and one is left alone', () => {
  expect(namesOf(compactionRuns([file(1, 9e6), file(2, 10, 0)], ON_DEMAND, NOW))).toEqual([[1, 2]]);
  expect(compactionRuns([file(1, 9e6)], ON_DEMAND, NOW)).toEqual([]);
});

test('batches of the last hour are left alone, and what comes behind them', () => {
  const files = [...small(1, 8), file(9, 4096, 0.5), ...small(10, 8)];
  expect(namesOf(compactionRuns(files, AUTOMATIC, NOW))).toEqual([range(1, 8)]);
});

test('a file that outweighs its neighbours is not written again for them: they become a file beside it', () => {
  const files = [...small(1, 8), file(9, 5e6), ...small(10, 9)];
  expect(namesOf(compactionRuns(files, AUTOMATIC, NOW))).toEqual([range(1, 8), range(10, 9)]);
});

test('no run exceeds the target in files, rows or bytes, and large files are in none', () => {
  const large = AUTOMATIC.targetBytes / 2;
  const files = [...small(1, 2500), file(2501, large), ...range(2502, 40).map((n) => file(n, 10 * 2 ** 20))];
  const runs = compactionRuns(files, AUTOMATIC, NOW);
  expect(runs.map((run) => run.length)).toEqual([1000, 1000, 500, 12, 12, 12]);
  expect(runs.flat()).not.toContainEqual(expect.objectContaining({ ingestSequence: 2501 }));
});

test('whatever comes, no byte is written more often than its file can double on the way to the target', () => {
  const sizes = fc.array(fc.integer({ min: 1024, max: 2 ** 21 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 40 }), (ingested, every) => {
      let files: (CompactableFile & { rewrites: number })[] = [];
      for (const [index, size] of ingested.entries()) {
        files.push({ ...file(index + 1, size), rewrites: 0 });
        if (index % every !== 0) continue;
        for (let [run] = compactionRuns(files, AUTOMATIC, NOW); run; [run] = compactionRuns(files, AUTOMATIC, NOW)) {
          const at = files.indexOf(run[0]);
          // Neighbours, in order.
          expect(files.slice(at, at + run.length)).toEqual(run);
          const sum = (of: (each: CompactableFile) => number) => run.reduce((total, each) => total + of(each), 0);
          const merged = {
            ...run[0],
            rewritten: true,
            rowCount: sum(({ rowCount }) => rowCount),
            sizeBytes: sum(({ sizeBytes }) => sizeBytes),
            rewrites: 1 + Math.max(...run.map(({ rewrites }) => rewrites)),
          };
          expect(merged.sizeBytes).toBeLessThanOrEqual(AUTOMATIC.targetBytes);
          files = [...files.slice(0, at), merged, ...files.slice(at + run.length)];
        }
      }
      const most = Math.log2(AUTOMATIC.targetBytes / 1024);
      expect(Math.max(...files.map(({ rewrites }) => rewrites))).toBeLessThanOrEqual(most);
      expect(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(ingested.reduce((a, b) => a + b, 0));
    }),
    { numRuns: 60 },
  );
});
