/** A file of a version of a view, with the figures of the batches in it as they were ingested. */
export interface CompactableFile {
  readonly file: string;
  readonly rewritten: boolean;
  /** Of its first batch. */
  readonly ingestSequence: number;
  readonly batchCount: number;
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly newestBatchAt: Date;
}

export interface CompactionPolicy {
  /** Fewer are not worth it. */
  readonly minFiles: number;
  /** Bounds the work of one rewriting. */
  readonly maxFiles: number;
  /** What a file shall not exceed; one that has come half the way is left alone for ever. */
  readonly targetRows: number;
  readonly targetBytes: number;
  /** Share that the largest file may have of all that is written. With a half, whatever is written again ends in a file of twice the size at least. */
  readonly maxShare: number;
  /** Younger batches are left alone: materialization reads them one by one while they are new, and more of them will come. */
  readonly minAgeMs: number;
}

/** What the hourly upkeep goes by. A byte is written again log2(target / batch) times at most: 14 times from 8 KiB to 128 MiB. */
export const AUTOMATIC: CompactionPolicy = {
  minFiles: 8,
  maxFiles: 1000,
  targetRows: 5_000_000,
  targetBytes: 128 * 2 ** 20,
  maxShare: 0.5,
  minAgeMs: 3_600_000,
};

/** What a user gets who asks for it: all that is small becomes one file. */
export const ON_DEMAND: CompactionPolicy = { ...AUTOMATIC, minFiles: 2, maxShare: 1, minAgeMs: 0 };

/**
 * Which files become one: runs of neighbours, so that each file holds one stretch of the order of batches and a snapshot ends within one file at most.
 * @param files of one version of a view in the order of their sequences
 */
export function compactionRuns<F extends CompactableFile>(
  files: readonly F[],
  policy: CompactionPolicy,
  now: Date,
): F[][] {
  const settled = now.getTime() - policy.minAgeMs;
  const young = files.findIndex(({ newestBatchAt }) => newestBatchAt.getTime() > settled);
  const old = young === -1 ? files : files.slice(0, young);
  return boundedRuns(old, policy).flatMap((run) => balancedRuns(run, policy));
}

/** Stretches between large files, each of no more than the target. */
function boundedRuns<F extends CompactableFile>(files: readonly F[], policy: CompactionPolicy): F[][] {
  const { maxFiles, targetRows, targetBytes } = policy;
  const runs: F[][] = [[]];
  let [rows, bytes] = [0, 0];
  for (const file of files) {
    const isLarge = file.rowCount >= targetRows / 2 || file.sizeBytes >= targetBytes / 2;
    const run = runs[runs.length - 1];
    const fits =
      run.length < maxFiles && rows + file.rowCount <= targetRows && bytes + file.sizeBytes <= targetBytes && !isLarge;
    if (!fits) {
      runs.push([]);
      [rows, bytes] = [0, 0];
    }
    if (isLarge) continue;
    runs[runs.length - 1].push(file);
    rows += file.rowCount;
    bytes += file.sizeBytes;
  }
  return runs;
}

/** A run whose largest file outweighs the others is two runs, before and behind that file. */
function balancedRuns<F extends CompactableFile>(run: F[], policy: CompactionPolicy): F[][] {
  if (run.length < policy.minFiles) return [];
  const total = run.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const largest = run.reduce((at, { sizeBytes }, index) => (sizeBytes > run[at].sizeBytes ? index : at), 0);
  if (run[largest].sizeBytes <= policy.maxShare * total) return [run];
  return [...balancedRuns(run.slice(0, largest), policy), ...balancedRuns(run.slice(largest + 1), policy)];
}

/** Neighbours of one kind together, in order: what one scan can read. */
export function byKind<F extends { readonly rewritten: boolean }>(run: readonly F[]): F[][] {
  const parts: F[][] = [];
  for (const file of run) {
    const last = parts.at(-1);
    if (last && last[0].rewritten === file.rewritten) last.push(file);
    else parts.push([file]);
  }
  return parts;
}
