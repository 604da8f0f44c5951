import type { DataSource, EntityManager } from 'typeorm';
import { DomainError } from '../../../errors';
import type { ViewSchema } from '../definitions/view-schema';
import type { LatestWindow, ViewRows } from '../offline/offline-store';

/** Held, shared, by every transaction that puts a file under the manifest, from before the file is there: a sweep that holds it alone sees none of them. */
export const OFFLINE_FILES_LOCK = 7_306_021_551;

/** Several erasures may come one after the other. */
const READ_ATTEMPTS = 5;

/** Number of the last committed batch. Numbers are given under a lock that is held to the commit, so all batches up to it are there to be read. */
export async function lastSequence(database: DataSource | EntityManager): Promise<number> {
  const [row] = await database.query<{ last: number }[]>('SELECT last_sequence::float8 AS last FROM ingest_sequence');
  return row.last;
}

interface ManifestFile {
  readonly file: string;
  readonly rewritten: boolean;
  /** Of the first of its batches that are asked for. */
  readonly ingestSequence: number;
}

/** The rows of a view's version in all batches up to a sequence. */
export async function rowsThrough(
  database: DataSource | EntityManager,
  schema: ViewSchema,
  throughSequence: number,
): Promise<ViewRows> {
  const files = await database.query<ManifestFile[]>(
    `SELECT file, rewritten, min(ingest_sequence)::float8 AS "ingestSequence" FROM feature_batches
     WHERE feature_view_version_id = $1 AND ingest_sequence <= $2 AND file IS NOT NULL GROUP BY file, rewritten ORDER BY 3`,
    [schema.viewVersionId, throughSequence],
  );
  return rowsOf(schema, files, throughSequence);
}

/** Only the files that can hold rows of a window: of newer batches, and of those with events that were not due then. */
export async function rowsOfWindow(
  database: DataSource | EntityManager,
  schema: ViewSchema,
  throughSequence: number,
  { seen }: LatestWindow,
): Promise<ViewRows> {
  const files = await database.query<ManifestFile[]>(
    `SELECT file, rewritten, min(ingest_sequence)::float8 AS "ingestSequence" FROM feature_batches
     WHERE feature_view_version_id = $1 AND ingest_sequence <= $2 AND (ingest_sequence > $3 OR max_event_timestamp > $4)
       AND file IS NOT NULL GROUP BY file, rewritten ORDER BY 3`,
    [schema.viewVersionId, throughSequence, seen?.throughSequence ?? 0, seen?.dueThrough ?? '-infinity'],
  );
  return rowsOf(schema, files, throughSequence);
}

/** Some files of a view's version; of rewritten ones the rows from one sequence to another, both inclusive. */
export function rowsOf(
  schema: Pick<ViewSchema, 'view' | 'joinKeys' | 'fields'>,
  files: readonly ManifestFile[],
  throughSequence: number | null,
  fromSequence = 0,
): ViewRows {
  return {
    view: schema.view,
    schema,
    batches: files.filter(({ rewritten }) => !rewritten),
    rewritten: {
      files: files.filter(({ rewritten }) => rewritten).map(({ file }) => file),
      fromSequence,
      throughSequence,
    },
  };
}

/**
 * Reads rows for an answer to a question, without a lock. An erasure does not wait for that, and may remove files beneath it: then it is read again,
 * from what takes their place.
 * @param list the manifest, anew each time
 */
export async function readingAgain<T>(list: () => Promise<ViewRows>, read: (rows: ViewRows) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const rows = await list();
    try {
      return await read(rows);
    } catch (error) {
      if (error instanceof DomainError || attempt === READ_ATTEMPTS) throw error;
      const there = new Set(filesIn(await list()));
      if (filesIn(rows).every((file) => there.has(file))) throw error;
    }
  }
}

const filesIn = ({ batches, rewritten }: ViewRows): string[] => [
  ...batches.map(({ file }) => file),
  ...(rewritten?.files ?? []),
];

/** The rows of one batch, without those that were erased. */
export async function rowsOfBatch(
  database: DataSource | EntityManager,
  schema: ViewSchema,
  ingestSequence: number,
): Promise<ViewRows> {
  const files = await database.query<ManifestFile[]>(
    `SELECT file, rewritten, ingest_sequence::float8 AS "ingestSequence" FROM feature_batches WHERE ingest_sequence = $1 AND file IS NOT NULL`,
    [ingestSequence],
  );
  return rowsOf(schema, files, ingestSequence, ingestSequence);
}
