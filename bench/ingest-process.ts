/** One file ingested in a process of its own, so that its memory is nobody else's: `ingest-process mooring|bare csv|parquet DIRECTORY`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import { FileArtifactStore } from '../src/services/artifacts';
import { FeatureFileStaging } from '../src/services/features';
import { defaultDuckDbOptions, DuckDbEngine } from '../src/services/features/offline/duckdb-engine';
import type { RowSchema } from '../src/services/features/rows/row-slice';
import { endWithThisProcess } from './mooring-process';

export type FileKind = 'csv' | 'parquet';

export interface IngestMeasurement {
  readonly seconds: number;
  readonly peakResidentMegabytes: number;
}

/** With `eventTimestamp` eight columns. */
export const SCHEMA: RowSchema = {
  joinKeys: [{ name: 'subscriber_id', dtype: 'STRING' }],
  fields: [
    { name: 'minutes', dtype: 'DOUBLE' },
    { name: 'plan', dtype: 'STRING' },
    { name: 'calls', dtype: 'INT64' },
    { name: 'active', dtype: 'BOOL' },
    { name: 'spend', dtype: 'DOUBLE' },
    { name: 'score', dtype: 'DOUBLE' },
  ],
};

export async function ingestInProcess(
  side: 'mooring' | 'bare',
  kind: FileKind,
  directory: string,
  digest: string,
): Promise<IngestMeasurement> {
  const args = ['--enable-source-maps', __filename, side, kind, directory, digest];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithThisProcess(child);
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0)
    throw new Error(`The process of the ingest ended with ${child.exitCode ?? child.signalCode}`);
  return JSON.parse(output) as IngestMeasurement;
}

/** All that a FEATURE_INGEST job does but its transaction: artifact to file, checks, batches, sync, and their places. */
async function mooring(kind: FileKind, directory: string, digest: string): Promise<number> {
  const engine = new DuckDbEngine();
  const store = new FileArtifactStore(path.join(directory, 'artifacts'));
  const offline = path.join(directory, 'offline');
  const staging = new FeatureFileStaging(offline, engine);
  await engine.call('rows', { sql: 'SELECT 1' });
  const start = performance.now();
  const reader = await store.read(digest);
  const { sizeBytes } = reader;
  const format = kind === 'csv' ? 'CSV' : 'PARQUET';
  const batches = await staging.convert('job', 'view', SCHEMA, { format, sizeBytes, chunks: reader.chunks() }, {});
  for (const batch of batches) await staging.publish(batch);
  await staging.remove('job');
  const seconds = (performance.now() - start) / 1000;
  await engine.close();
  rmSync(offline, { recursive: true });
  return seconds;
}

/** DuckDB with the same memory, threads and compression; nothing is checked, numbered, or synced. */
async function bare(kind: FileKind, directory: string): Promise<number> {
  const { memoryLimitBytes, threads, temporaryDirectory } = defaultDuckDbOptions();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(memoryLimitBytes / 2 ** 20)}MiB`,
    threads: String(threads),
    temp_directory: temporaryDirectory,
  });
  const connection = await instance.connect();
  const file = path.join(directory, 'bare.parquet');
  const start = performance.now();
  await connection.run(
    `COPY (SELECT * FROM read_${kind}('${path.join(directory, `rows.${kind}`)}')) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  const seconds = (performance.now() - start) / 1000;
  connection.closeSync();
  instance.closeSync();
  rmSync(file);
  rmSync(temporaryDirectory, { recursive: true, force: true });
  return seconds;
}

async function main([side, kind, directory, digest]: readonly string[]): Promise<void> {
  const of = kind as FileKind;
  const seconds = side === 'bare' ? await bare(of, directory) : await mooring(of, directory, digest);
  const peakResidentMegabytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ seconds, peakResidentMegabytes } satisfies IngestMeasurement));
}

if (require.main === module) void main(process.argv.slice(2));
