/** One join in a process of its own, so that its memory and its event loop are nobody else's: `pit-process mooring|bare DIRECTORY [cutoff]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import { defaultDuckDbOptions, DuckDbEngine } from '../src/services/features/offline/duckdb-engine';
import { ParquetOfflineStore } from '../src/services/features/offline/parquet-offline-store';
import { endWithThisProcess } from './mooring-process';
import { barePitSql, pitPlan } from './pit-data';

export interface PitMeasurement {
  /** From rows in order and the features' files to one file of both, joined; the bare join: from the labels' file. */
  readonly joinSeconds: number;
  /** The same in processor time of all threads, on which what else the machine does weighs less. */
  readonly joinProcessorSeconds: number;
  /** With all that a dataset is beyond that: labels in order, split, statistics, fingerprint; the same for the bare join. */
  readonly buildSeconds: number;
  readonly peakResidentMegabytes: number;
  /** The longest time for which the process's event loop did not turn. */
  readonly longestHoldMs: number;
}

type Side = 'mooring' | 'bare';

export async function measureInProcess(side: Side, directory: string, cutoff = false): Promise<PitMeasurement> {
  const args = ['--enable-source-maps', __filename, side, directory, ...(cutoff ? ['cutoff'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithThisProcess(child);
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`The process of the join ended with ${child.exitCode ?? child.signalCode}`);
  return JSON.parse(output) as PitMeasurement;
}

/** @param work calls back when the join begins and when its rows are in their file, unless that is all it does */
async function measure(work: (mark: () => void) => Promise<void>): Promise<PitMeasurement> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const start = performance.now();
  const processorStart = processorSeconds();
  const soFar = () => {
    return { seconds: (performance.now() - start) / 1000, processorSeconds: processorSeconds() - processorStart };
  };
  loop.enable();
  const marks: ReturnType<typeof soFar>[] = [];
  await work(() => marks.push(soFar()));
  const end = soFar();
  loop.disable();
  const [from, to] = marks.length === 2 ? marks : [{ seconds: 0, processorSeconds: 0 }, end];
  return {
    joinSeconds: to.seconds - from.seconds,
    joinProcessorSeconds: to.processorSeconds - from.processorSeconds,
    buildSeconds: end.seconds,
    peakResidentMegabytes: process.resourceUsage().maxRSS / 1024,
    longestHoldMs: loop.max / 1e6,
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What a DATASET job asks of the store, by the engine as a server has it. */
async function mooring(directory: string, cutoff: boolean): Promise<PitMeasurement> {
  const engine = new DuckDbEngine();
  const store = new ParquetOfflineStore(directory, engine);
  await engine.call('rows', { sql: 'SELECT 1' });
  const measured = await measure(async (mark) => {
    const progress = (_ratio: number, step: string) => {
      if (step.startsWith('Matching') || step === 'Computing statistics') mark();
    };
    const { file } = await store.buildDataset(pitPlan(cutoff), { progress });
    await store.remove(file);
  });
  await engine.close();
  return measured;
}

/** DuckDB with the same memory and threads, and the same compression of the result. */
async function bare(directory: string): Promise<PitMeasurement> {
  const { memoryLimitBytes, threads, temporaryDirectory } = defaultDuckDbOptions();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(memoryLimitBytes / 2 ** 20)}MiB`,
    threads: String(threads),
    temp_directory: temporaryDirectory,
  });
  const connection = await instance.connect();
  const file = path.join(directory, 'bare.parquet');
  const measured = await measure(async () => {
    await connection.run(`COPY (${barePitSql(directory)}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  });
  connection.closeSync();
  instance.closeSync();
  rmSync(temporaryDirectory, { recursive: true, force: true });
  return measured;
}

async function main([side, directory, cutoff]: readonly string[]): Promise<void> {
  const measured = side === 'bare' ? await bare(directory) : await mooring(directory, cutoff === 'cutoff');
  process.stdout.write(JSON.stringify(measured));
}

if (require.main === module) void main(process.argv.slice(2));
