import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, BenchCase } from './harness';
import { median } from './harness';
import { writePitData } from './pit-data';
import { measureInProcess, type PitMeasurement } from './pit-process';

const ENTITY_ROWS = 1_000_000;
const FEATURE_ROWS = 10_000_000;
const MEMORY_LIMIT_MB = 4096;
const HOLD_LIMIT_MS = 50;
const ROUNDS = 3;

const KEYS = { '10k': 10_000, '1M': 1_000_000 } as const;
const state = { directory: '' };

/** The cases of one join: the first measures, and the others tell what else its rounds have shown. */
function casesOf(keys: keyof typeof KEYS, cutoff: boolean): BenchCase[] {
  const directory = () => path.join(state.directory, keys);
  const ours: PitMeasurement[] = [];
  const bare: PitMeasurement[] = [];
  const measured = async (side: 'mooring' | 'bare', into: PitMeasurement[]) => {
    const measurement = await measureInProcess(side, directory(), cutoff);
    into.push(measurement);
    return measurement.joinSeconds;
  };
  const typical = (of: readonly PitMeasurement[], figure: 'buildSeconds' | 'joinProcessorSeconds') =>
    median(of.map((each) => each[figure]));
  const worst = (figure: 'peakResidentMegabytes' | 'longestHoldMs') => Math.max(...ours.map((each) => each[figure]));
  const name = `${keys} keys, leakage cutoff ${cutoff ? 'on' : 'off'}`;
  const told = { higherIsBetter: false, rounds: 1 };
  return [
    {
      name: `${name}: the join and its file, against a bare ASOF join`,
      unit: 's',
      higherIsBetter: false,
      rounds: ROUNDS,
      run: () => measured('mooring', ours),
      baseline: () => measured('bare', bare),
    },
    {
      ...told,
      name: `${name}: the same in processor time`,
      unit: 's',
      run: () => typical(ours, 'joinProcessorSeconds'),
      baseline: () => typical(bare, 'joinProcessorSeconds'),
    },
    {
      ...told,
      name: `${name}: the whole build, with labels, split, statistics and fingerprint, against the same`,
      unit: 's',
      run: () => typical(ours, 'buildSeconds'),
      baseline: () => typical(bare, 'buildSeconds'),
    },
    {
      ...told,
      name: `${name}: peak resident memory, the worst of all builds, against the limit`,
      unit: 'MB',
      run: () => worst('peakResidentMegabytes'),
      baseline: () => MEMORY_LIMIT_MB,
    },
    {
      ...told,
      name: `${name}: longest hold of the event loop, the worst of all builds, against the limit`,
      unit: 'ms',
      run: () => worst('longestHoldMs'),
      baseline: () => HOLD_LIMIT_MS,
    },
  ];
}

/**
 * Our side joins (ties settled, cutoff kept) rows that it has put in order, of each key and time the last label, and writes them in that order. The
 * bare side joins the labels as they lie in their file, any of equals and whatever was known when, and writes them in any order. Both read the same
 * files and write Parquet in Zstandard, with the threads and memory of a server's engine. What we do before and after is in the whole build.
 */
export const bench: Bench = {
  name: 'pit',
  description:
    'a dataset of 1M entity rows × 10M feature rows × 5 doubles by point-in-time join, in a process of its own',
  async setup({ small }) {
    state.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    const share = small ? 10 : 1;
    for (const [name, keys] of Object.entries(KEYS)) {
      await writePitData({
        directory: path.join(state.directory, name),
        entityRows: ENTITY_ROWS / share,
        featureRows: FEATURE_ROWS / share,
        keys: keys / share,
      });
    }
  },
  teardown() {
    rmSync(state.directory, { recursive: true, force: true });
  },
  cases: [...casesOf('10k', true), ...casesOf('1M', true), ...casesOf('10k', false), ...casesOf('1M', false)],
};
