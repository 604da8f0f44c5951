import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Dataset } from '../../../entities';
import { NotFound } from '../../../errors';
import { checkSignedUrl, DOWNLOAD_MS, signedUrl } from '../../artifacts';
import { type Actor, authorize } from '../../identity';
import type { OfflineStore } from '../offline/offline-store';
import type { DatasetService } from './dataset.service';

export const DATASETS_PATH = '/datasets';

/** The Parquet file of a dataset on its way out. */
export interface DatasetDownload {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Opens it, from one byte to another, both inclusive; whoever does reads it to its end or destroys it. */
  readonly read: (first: number, last: number) => Readable;
}

interface Dependencies {
  readonly datasets: DatasetService;
  readonly offline: OfflineStore;
  /** Signs the addresses. */
  readonly signingSecret: string;
}

/** The files of datasets, for tools outside: whoever may is given a signed address, and whoever has the address needs nothing else. */
export class DatasetDownloads {
  constructor(private readonly deps: Dependencies) {}

  /** A signed address of its Parquet file, from the server's root on, good for a quarter of an hour; null while the dataset is not ready. */
  url({ id, status }: Dataset, actor: Actor): string | null {
    authorize(actor, 'dataset.download');
    if (status !== 'READY') return null;
    const expiresAt = new Date(Date.now() + DOWNLOAD_MS);
    return signedUrl({ method: 'GET', path: `${DATASETS_PATH}/${id}`, expiresAt, claims: {} }, this.deps.signingSecret);
  }

  /**
   * Finds what a signed address leads to.
   * @throws SignatureInvalid, UrlExpired, NotFound
   */
  async open(id: string, query: URLSearchParams): Promise<DatasetDownload> {
    checkSignedUrl('GET', `${DATASETS_PATH}/${id}`, query, this.deps.signingSecret, new Date());
    const [dataset] = await this.deps.datasets.find([id]);
    const file = dataset?.file;
    if (!file) throw new NotFound('dataset', id, 'Create one with createDataset.');
    const path = this.deps.offline.pathOf(file);
    // Found missing now, it can still be said in an answer.
    const handle = await open(path);
    const { size: sizeBytes } = await handle.stat().finally(() => handle.close());
    return {
      fileName: `dataset-${id}.parquet`,
      sizeBytes,
      read: (start, end) => createReadStream(path, { start, end }),
    };
  }
}
