import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { FeatureFileFormat, ScalarDtype } from '../../../src/entities';
import { InvalidInputs } from '../../../src/errors';
import type { FeatureRowInput } from '../../../src/services/features';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
let scratch: string;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  scratch = await mkdtemp(path.join(os.tmpdir(), 'mooring-files-'));
  await features.entities.apply({ name: 'thing', joinKeys: [{ name: 'id', dtype: 'INT64' }] }, ENGINEER);
  const fields = COLUMNS.slice(3).map(({ name, dtype }) => ({ name, dtype }));
  await features.views.apply({ name: 'things', entity: 'thing', fields }, ENGINEER);
});
afterAll(async () => {
  await features.close();
  await rm(scratch, { recursive: true, force: true });
});

const COLUMNS: readonly { name: string; dtype: ScalarDtype }[] = [
  { name: 'id', dtype: 'INT64' },
  { name: 'eventTimestamp', dtype: 'TIMESTAMP' },
  { name: 'createdTimestamp', dtype: 'TIMESTAMP' },
  { name: 'whole', dtype: 'INT64' },
  { name: 'number', dtype: 'DOUBLE' },
  { name: 'flag', dtype: 'BOOL' },
  { name: 'words', dtype: 'STRING' },
  { name: 'moment', dtype: 'TIMESTAMP' },
];

const digits = (length: number, max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(length, '0'));
const offset = fc.oneof(
  fc.constantFrom('', 'Z', 'z'),
  fc
    .tuple(fc.constantFrom('+', '-'), digits(2, 24), fc.constantFrom(':', ''), fc.option(digits(2, 60)))
    .map(([sign, hours, colon, minutes]) => sign + hours + (minutes === null ? '' : colon + minutes)),
);
const fraction = fc.option(fc.tuple(digits(3, 999), digits(3, 999), fc.constantFrom('', '000', '1')), { nil: null });
/** Around the edges of what is a moment: days that there are not, hours and minutes too many, decimals beyond the sixth. */
const moment = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: digits(4, 2400).filter((year) => year >= '0002') },
      { weight: 1, arbitrary: fc.constant('2024') },
    ),
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 12 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 13 }) },
    ),
    fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 28 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 32 }) },
    ),
    fc.option(
      fc.tuple(
        fc.constantFrom('T', 't', ' '),
        digits(2, 24),
        digits(2, 60),
        fc.option(fc.tuple(digits(2, 60), fraction)),
        offset,
      ),
    ),
  )
  .map(([year, month, day, time]) => {
    const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    if (!time) return date;
    const [separator, hour, minute, seconds, zone] = time;
    const decimals = seconds?.[1] ? `.${seconds[1].join('')}` : '';
    return `${date}${separator}${hour}:${minute}${seconds ? `:${seconds[0]}${decimals}` : ''}${zone}`;
  });
const goodMoment = fc
  .tuple(
    fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.constantFrom('Z', '', '+05:30', '-0800', '+03'),
  )
  .map(([date, zone]) => date.toISOString().replace('Z', zone));
const oddities = fc.constantFrom(
  'x',
  ' 1',
  '1 ',
  '+1',
  '1_000',
  '0x10',
  '1.',
  '.5',
  'NaN',
  'Infinity',
  '-inf',
  'TRUE',
  'yes',
  'null',
  '١',
  '1e400',
  '007',
  '-0',
);

const TEXTS: Readonly<Record<ScalarDtype, fc.Arbitrary<string>>> = {
  INT64: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fc.constantFrom('9223372036854775807', '-9223372036854775808', '007', '-0', '9007199254740993'),
  ),
  DOUBLE: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
    fc.constantFrom('-0', '1E5', '1e-400', '5e-324', '0.1', '123456789012345678901234567890'),
  ),
  BOOL: fc.constantFrom('true', 'false'),
  STRING: fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom('', ' ', '"', 'a,b', 'a\nb', 'null', "it's"),
  ),
  TIMESTAMP: goodMoment,
};
const BAD: Readonly<Record<ScalarDtype, fc.Arbitrary<string>>> = {
  INT64: fc.oneof(oddities, fc.constantFrom('9223372036854775808', '-9223372036854775809', '1e3', '1.0')),
  DOUBLE: oddities,
  BOOL: oddities,
  STRING: fc.constant('nul \0 in it'),
  TIMESTAMP: fc.oneof(
    moment,
    oddities,
    fc.constantFrom('2026-1-1', 'infinity', 'epoch', '2026-01-01 (BC)', '2026-01-01T10:00:00 UTC'),
  ),
};

type TextRow = readonly (string | null)[];
const rowOf = (odd: boolean): fc.Arbitrary<TextRow> =>
  fc.tuple(
    ...COLUMNS.map(({ dtype }, index) => {
      const good = TEXTS[dtype];
      const value = odd ? fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: BAD[dtype] }) : good;
      return index < 2 ? value : fc.option(value, { freq: 6 });
    }),
  );
const rows = fc.oneof(
  fc.array(rowOf(false), { minLength: 1, maxLength: 12 }),
  fc.array(rowOf(true), { minLength: 1, maxLength: 6 }),
);

/** As JSON would carry what the text says. */
function jsonValue(dtype: ScalarDtype, text: string): string | number | boolean {
  if (dtype === 'BOOL' && (text === 'true' || text === 'false')) return text === 'true';
  if (dtype !== 'DOUBLE') return text;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'number' && text.trim() === text ? parsed : text;
  } catch {
    return text;
  }
}

const inputOf = (row: TextRow): FeatureRowInput =>
  Object.fromEntries(
    COLUMNS.flatMap(({ name, dtype }, index) => {
      const text = row[index];
      return text === null ? [] : [[name, jsonValue(dtype, text)]];
    }),
  );

function csvOf(all: readonly TextRow[]): string {
  const field = (text: string | null) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`);
  return [COLUMNS.map(({ name }) => name).join(','), ...all.map((row) => row.map(field).join(','))].join('\n');
}

/** Numbers and booleans as such, the rest as texts. @returns null where a text is no number or boolean, so that such a column cannot have it */
async function parquetOf(all: readonly TextRow[]): Promise<Buffer | null> {
  const types: Partial<Record<ScalarDtype, string>> = { DOUBLE: 'DOUBLE', BOOL: 'BOOLEAN' };
  const literalOf = (text: string) => `'${text.replaceAll("'", "''").split('\0').join("' || chr(0) || '")}'`;
  for (const row of all)
    for (const [index, { dtype }] of COLUMNS.entries()) {
      const text = row[index];
      if (text !== null && types[dtype] !== undefined && typeof jsonValue(dtype, text) === 'string') return null;
    }
  const values = all.map((row) => {
    const cells = COLUMNS.map(({ name, dtype }, index) => {
      const text = row[index];
      return `CAST(${text === null ? 'NULL' : `(${literalOf(text)})`} AS ${types[dtype] ?? 'VARCHAR'}) AS "${name}"`;
    });
    return `SELECT ${cells.join(', ')}`;
  });
  const file = path.join(scratch, 'rows.parquet');
  await features.engine.call('run', {
    statements: [`COPY (${values.join(' UNION ALL ')}) TO '${file}' (FORMAT parquet)`],
  });
  return readFile(file);
}

type Outcome = { readonly rows: readonly unknown[] } | { readonly problems: readonly string[] };

async function rowsOfFile(file: string | null): Promise<Outcome> {
  const sql = `SELECT * REPLACE (CAST(number AS VARCHAR) AS number) FROM read_parquet('${features.offline.pathOf(file ?? '')}') ORDER BY __row`;
  return { rows: await features.engine.call('rows', { sql }) };
}
const isPath = (field: readonly string[] | null) => field?.filter((part) => part !== 'input').join('.') ?? '';

async function asRows(all: readonly TextRow[]): Promise<Outcome> {
  try {
    const batch = await features.ingest.ingest({ view: 'things', rows: all.map(inputOf) }, ENGINEER);
    return await rowsOfFile(batch.file);
  } catch (error) {
    if (!(error instanceof InvalidInputs)) throw error;
    return { problems: error.all.map(({ field }) => isPath(field)) };
  }
}

async function asFile(bytes: string | Buffer, format: FeatureFileFormat): Promise<Outcome> {
  const { digest } = await features.artifacts.put(Buffer.from(bytes), 'text/csv');
  const { id } = await features.fileIngest.ingest({ view: 'things', artifact: digest, format }, ENGINEER);
  const job = await features.finished({ id });
  if (job.status === 'SUCCEEDED') return rowsOfFile((await features.fileIngest.batchesOf([id]))[0].file);
  if (!job.errorProblems) throw new Error(job.errorMessage ?? job.status);
  return { problems: job.errorProblems.map(({ field }) => isPath(field)) };
}

test('the same rows are stored alike, and refused alike, as rows, as CSV and as Parquet', async () => {
  const seen = { stored: 0, refused: 0, parquet: 0 };
  await fc.assert(
    fc.asyncProperty(rows, async (all) => {
      const expected = await asRows(all);
      expect(await asFile(csvOf(all), 'CSV')).toEqual(expected);
      const parquet = await parquetOf(all);
      if (parquet) seen.parquet++;
      expect(parquet ? await asFile(parquet, 'PARQUET') : expected).toEqual(expected);
      if ('rows' in expected) seen.stored++;
      else seen.refused++;
    }),
    { numRuns: 100 },
  );
  // Else the rows were all good or all bad, and nothing was shown.
  expect(Math.min(seen.stored, seen.refused, seen.parquet)).toBeGreaterThan(10);
}, 120_000);
