import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FeatureFileFormat } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { RowSchema } from '../rows/row-slice';
import type { DuckDbEngine } from './duckdb-engine';
import { batchRangeSql, PART } from './feature-file.sql';
import type { StoredBatch, Work } from './offline-store';
import { FeatureFileReader } from './read-feature-file';

const STAGING = 'incoming';
/** Share of the work that is the copying of the bytes. */
const COPIED = 0.2;

/** A file of features as it comes. */
export interface FeatureFile {
  readonly format: FeatureFileFormat;
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Batches that wait for their commit, each with the place where it lies. */
export interface StagedBatch extends StoredBatch {
  readonly staged: string;
}

/**
 * Turns files of any size into batches, in a folder per job, `incoming/<job>`, below the directory of the offline store. Nothing of it counts until it is
 * published. The folder is spared by sweeps as long as its job is not finished.
 */
export class FeatureFileStaging {
  constructor(
    private readonly directory: string,
    private readonly engine: DuckDbEngine,
  ) {}

  /**
   * Begins with an empty folder: what an earlier attempt of the job left is gone.
   * @param viewFolder where the batches belong
   * @throws InvalidInput, InvalidInputs with what is wrong with the file
   */
  async convert(
    jobId: string,
    viewFolder: string,
    schema: RowSchema,
    file: FeatureFile,
    work: Work,
  ): Promise<StagedBatch[]> {
    await this.remove(jobId);
    const folder = this.folderOf(jobId);
    await mkdir(folder, { recursive: true });
    const source = path.join(folder, 'source');
    await this.copy(file, source, work);
    const parts = path.join(folder, 'parts');
    return this.engine.holding(async () => {
      const watch = this.reportParts(parts, work);
      await new FeatureFileReader(this.engine, source, file.format, schema, work).writeTo(parts).finally(watch.stop);
      await rm(source);
      const count = await partCount(parts);
      if (count === 0) throw new InvalidInput(['file'], 'has no rows');
      const batches: StagedBatch[] = [];
      for (let part = 0; part < count; part++) {
        work.progress?.(0.9 + (0.1 * part) / count, 'Syncing');
        batches.push(await this.stage(path.join(parts, `${PART}=${part}`, 'data_0.parquet'), viewFolder, work));
      }
      return batches;
    });
  }

  /** Moves a batch to its place in the offline store. */
  async publish({ staged, file }: StagedBatch): Promise<void> {
    const to = path.join(this.directory, file);
    await mkdir(path.dirname(to), { recursive: true });
    await this.engine.call('publish', { from: staged, to });
  }

  /** Removes all that a job has here. */
  async remove(jobId: string): Promise<void> {
    await rm(this.folderOf(jobId), { recursive: true, force: true });
  }

  /** Jobs that have something here. */
  async list(): Promise<string[]> {
    return readdir(path.join(this.directory, STAGING)).catch(ifThere);
  }

  private folderOf(jobId: string): string {
    return path.join(this.directory, STAGING, jobId);
  }

  private async copy({ chunks, sizeBytes }: FeatureFile, to: string, work: Work): Promise<void> {
    const { signal } = work;
    let copied = 0;
    const counted = async function* () {
      for await (const chunk of chunks) {
        copied += chunk.byteLength;
        work.progress?.((COPIED * copied) / sizeBytes, 'Reading the artifact');
        yield chunk;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(to, { flags: 'wx', mode: 0o600 }), { signal }).catch(
      (error: unknown) => {
        // The stream's own AbortError does not say whether the job was cancelled or the server stops.
        signal?.throwIfAborted();
        throw error;
      },
    );
  }

  /** Synced now, so that the commit only has to move it. */
  private async stage(part: string, viewFolder: string, work: Work): Promise<StagedBatch> {
    const staged = `${path.dirname(part)}.parquet`;
    const [range] = await this.engine.call('rows', { sql: batchRangeSql(part) }, work);
    const { sizeBytes } = await this.engine.call('publish', { from: part, to: staged }, work);
    return {
      staged,
      file: path.posix.join('batches', viewFolder, `${randomUUID()}.parquet`),
      rowCount: Number(range.n),
      sizeBytes,
      minEventTimestamp: range.first as bigint,
      maxEventTimestamp: range.last as bigint,
    };
  }

  /** Says how many batches have been begun, which is all that can be seen of a query that writes. */
  private reportParts(parts: string, work: Work): { stop: () => void } {
    const look = async () => {
      const count = await partCount(parts);
      work.progress?.(
        COPIED + 0.7 * (1 - 0.8 ** Math.max(0, count - 1)),
        `Checking and writing, batch ${Math.max(1, count)}`,
      );
    };
    const timer = setInterval(() => void look().catch(() => undefined), 1000);
    return { stop: () => clearInterval(timer) };
  }
}

const partCount = async (parts: string): Promise<number> =>
  (await readdir(parts).catch(ifThere)).filter((name) => name.startsWith(`${PART}=`)).length;

function ifThere(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}
