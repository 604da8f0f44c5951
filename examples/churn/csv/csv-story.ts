import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { Random } from '../random';
import { namePrefix } from '../safe-name';
import { inBatches, type CohortMember, type FeatureRow, type Story, type StoryView } from '../story';
import type { ChurnTable } from './churn-table';
import { CsvProblem } from './csv-problem';
import { chooseShift, drawWindow, type Shift } from './shifted-window';

export interface CsvStoryOptions {
  /** Whether the stand-in window of a table with one snapshot differs from the past. */
  readonly shift: boolean;
  /** The word that the names on the server begin with; null for the name of the file. */
  readonly name: string | null;
}

/** Which rows of the table belong to which part of the story. */
interface Parts {
  readonly past: readonly number[];
  readonly later: readonly number[];
  /** Rows that are in no part; some are asked about by given features. */
  readonly unused: readonly number[];
  readonly timeOf: (row: number) => number;
  readonly strategy: 'TIME' | 'STRATIFIED';
  readonly notes: readonly string[];
}

const DAY_MS = 86_400_000;
/** A table that does not say when it was taken is dated to this day: any would do, as long as a second run takes the same. */
const UNDATED = Date.UTC(2024, 0, 1);
const SEED = 42;
const KEPT_BACK_SHARE = 0.2;
const PAST_SHARE = 0.75;
const COHORT_SIZE = 2_000;
/** Monitoring gives no verdict on fewer predictions. */
const LEAST_COHORT = 200;

/**
 * A CSV table as a story. With several times in it, its later quarter is the later window. With one snapshot there is no later window: a fifth of
 * the rows is kept back, and half of that stands in for one, drawn with a shift whose true labels are known (see drawWindow).
 * @throws CsvProblem where the rows before the later window can not be learned from
 */
export function csvStory(table: ChurnTable, options: CsvStoryOptions): Story {
  const times = new Set(table.timestamps);
  const parts = times.size > 1 ? partsByTime(table, times) : partsOfOneSnapshot(table, options.shift);
  checkPast(table, parts);
  const { past, later, unused, timeOf, strategy } = parts;
  const prefix = prefixOf(table, options.name, options.shift || times.size > 1);
  const profileView = profileViewOf(table, `${prefix}_profile`);
  const labelView = labelViewOf(table, `${prefix}_outcome`);
  const pastTimes = past.map(timeOf);
  const plan = { strategy, heldOutFraction: 0.25, from: null, to: isoTime(pastTimes.reduce((a, b) => Math.max(a, b))) };

  // When a row became known, a CSV file does not say: no createdTimestamp.
  const profileRows = function* (rows: readonly number[]): Generator<FeatureRow> {
    for (const row of rows) {
      yield { subscriber_id: table.ids[row], eventTimestamp: isoTime(timeOf(row)), ...featuresOf(table, row) };
    }
  };
  const labelRows = function* (rows: readonly number[]): Generator<FeatureRow> {
    for (const row of rows)
      yield {
        subscriber_id: table.ids[row],
        eventTimestamp: isoTime(timeOf(row)),
        churned: table.labels[row],
      };
  };

  return {
    title: `${basename(table.file)}: ${table.ids.length.toLocaleString('en')} rows, ${table.features.length} features, label ${table.labelColumn}`,
    notes: [
      ...table.leftOut.map(({ column, reason }) => `Column ${JSON.stringify(column)} is left out: ${reason}.`),
      ...parts.notes,
    ],
    source: sourceOf(table, options),
    names: {
      model: `${prefix}_churn`,
      entity: 'subscriber',
      joinKey: 'subscriber_id',
      featureService: `${prefix}_features`,
    },
    featureViews: [profileView],
    labelView,
    labelField: 'churned',
    dataset: plan,
    // Stratified rows keep their side for ever, so the same plan stays honest; by time, the newest rows must be the ones held out.
    latestDataset: strategy === 'TIME' ? { ...plan, to: null } : plan,
    retrainSince: null,
    trainingParameters: {},
    minimumAuc: 0.6,
    *past() {
      yield* inBatches(profileView.name, profileRows(past));
      yield* inBatches(labelView.name, labelRows(past));
    },
    laterWindow: () => inBatches(profileView.name, profileRows(later)),
    laterOutcomes: () => inBatches(labelView.name, labelRows(later)),
    approximateRows: { past: 2 * past.length, laterWindow: later.length, laterOutcomes: later.length },
    cohort: cohortOf(table, later, timeOf),
    questions: [...unused, ...past].slice(0, 3).map((row) => ({
      description: `the features of ${table.ids[row]}, given in full`,
      features: featuresOf(table, row),
    })),
  };
}

function partsByTime(table: ChurnTable, times: ReadonlySet<number>): Parts {
  const timeOf = (row: number): number => table.timestamps?.[row] ?? UNDATED;
  const rows = table.ids.map((_, row) => row).sort((a, b) => timeOf(a) - timeOf(b) || a - b);
  const ordered = [...times].sort((a, b) => a - b);
  const wanted = timeOf(rows[Math.floor(rows.length * PAST_SHARE)]);
  // Whole timestamps; the first is always past and the last always later.
  const lastPast = ordered.filter((time, i) => i === 0 || (time < wanted && i < ordered.length - 1)).at(-1) ?? UNDATED;
  const past = rows.filter((row) => timeOf(row) <= lastPast);
  return {
    past,
    later: rows.filter((row) => timeOf(row) > lastPast),
    unused: [],
    timeOf,
    // With two timestamps there is no way to hold out about a quarter of whole ones.
    strategy: new Set(past.map(timeOf)).size >= 3 ? 'TIME' : 'STRATIFIED',
    notes: [`The past ends at ${isoTime(lastPast)} (${past.length} rows); what comes after is the later window.`],
  };
}

function partsOfOneSnapshot(table: ChurnTable, wantShift: boolean): Parts {
  const random = new Random(SEED);
  const shuffled = table.ids.map((_, row) => ({ row, key: random.next() })).sort((a, b) => a.key - b.key);
  const keptBackCount = Math.round(shuffled.length * KEPT_BACK_SHARE);
  const keptBack = shuffled.slice(0, keptBackCount).map(({ row }) => row);
  const past = shuffled
    .slice(keptBackCount)
    .map(({ row }) => row)
    .sort((a, b) => a - b);
  const shift = wantShift ? chooseShift(table.features, table.labels, past) : null;
  const later = drawWindow(keptBack, Math.round(keptBackCount / 2), shift, random);
  const laterRows = new Set(later);
  const snapshot = table.timestamps?.[0] ?? UNDATED;
  return {
    past,
    later,
    unused: keptBack.filter((row) => !laterRows.has(row)),
    timeOf: (row) => (laterRows.has(row) ? snapshot + 30 * DAY_MS : snapshot),
    strategy: 'STRATIFIED',
    notes: [standInNote(later.length, wantShift, shift)],
  };
}

function standInNote(count: number, wantShift: boolean, shift: Shift | null): string {
  const standIn = `The file holds one snapshot, so the later window is a stand-in: ${count} rows that were kept back`;
  if (shift)
    return `${standIn}, drawn toward ${shift.towards.toLowerCase()} ${shift.feature.column}, with their true labels.`;
  const why = wantShift ? ' (no numeric column to shift)' : '';
  return `${standIn}, drawn evenly${why}: no drift is to be expected, no alert and no retraining.`;
}

function checkPast(table: ChurnTable, { past, timeOf }: Parts): void {
  const positives = past.filter((row) => table.labels[row]).length;
  const least = Math.min(positives, past.length - positives);
  if (past.length >= 300 && least >= 20) return;
  throw new CsvProblem(
    table.file,
    { column: table.labelColumn },
    `the ${past.length} rows up to ${isoTime(past.map(timeOf).reduce((a, b) => Math.max(a, b)))}, ${positives} of them churned, are too few to learn from`,
    'Give more rows in the first three quarters of the time, or leave --timestamp out where there is one row per subscriber',
  );
}

/**
 * Whom to ask about: of each subscriber the newest row, which is the one that the online store serves. Where rows come in snapshots, only those of the
 * last one: the newest row of whoever left before it is by its nature the one with the label, so that among newest rows far too many have left.
 */
function cohortOf(table: ChurnTable, later: readonly number[], timeOf: (row: number) => number): CohortMember[] {
  const lastTime = later.map(timeOf).reduce((a, b) => Math.max(a, b));
  const lastSnapshot = later.filter((row) => timeOf(row) === lastTime);
  const newest = new Map<string, number>();
  for (const row of lastSnapshot.length >= LEAST_COHORT ? lastSnapshot : later) {
    const id = table.ids[row];
    const known = newest.get(id);
    if (known === undefined || timeOf(row) > timeOf(known)) newest.set(id, row);
  }
  // Evenly over the file, which may be sorted by something.
  const step = Math.max(1, newest.size / COHORT_SIZE);
  const rows = [...newest.values()];
  return Array.from({ length: Math.min(COHORT_SIZE, rows.length) }, (_, i) => rows[Math.floor(i * step)]).map(
    (row) => ({ subscriberId: table.ids[row], churned: table.labels[row], observedAt: null }),
  );
}

function profileViewOf(table: ChurnTable, name: string): StoryView {
  return {
    name,
    description: `The columns of ${basename(table.file)}.`,
    fields: table.features.map((feature) => ({
      name: feature.name,
      dtype: feature.dtype,
      description: `Column ${feature.column}`,
    })),
    qualityRules: [
      { field: null, kind: 'ROW_COUNT', severity: 'BLOCK', minimum: 300 },
      ...table.features.map(({ name: field }) => ({
        field,
        kind: 'NOT_NULL_RATIO' as const,
        severity: 'WARN' as const,
        minimum: 0.5,
      })),
    ],
  };
}

function labelViewOf(table: ChurnTable, name: string): StoryView {
  return {
    name,
    description: `The label of ${basename(table.file)}, column ${table.labelColumn}.`,
    fields: [{ name: 'churned', dtype: 'BOOL', description: 'Whether the subscriber left' }],
    qualityRules: [{ field: 'churned', kind: 'NOT_NULL_RATIO', severity: 'BLOCK', minimum: 1 }],
  };
}

/** An even window has other rows than a shifted one, so its views have names of their own and both can be on one server. */
function prefixOf(table: ChurnTable, name: string | null, shift: boolean): string {
  const ofFile = namePrefix(basename(table.file, extname(table.file))) ?? 'table';
  return (name === null ? null : namePrefix(name)) ?? (shift ? ofFile : `${ofFile}_even`);
}

/** Everything that decides which rows are sent: the same words mean the same rows. */
function sourceOf(table: ChurnTable, { shift }: CsvStoryOptions): string {
  const labels = createHash('sha256').update(table.labels.map(Number).join('')).digest('hex').slice(0, 8);
  const columns = createHash('sha256')
    .update(JSON.stringify(table.features.map(({ name, dtype }) => [name, dtype])))
    .digest('hex')
    .slice(0, 8);
  const timed = table.timestamps ? 'timed' : shift ? 'shifted' : 'even';
  return `sha256 ${table.digest.slice(0, 16)}, id ${table.idColumn}, label ${table.labelColumn} ${labels}, columns ${columns}, ${timed}`;
}

const featuresOf = (table: ChurnTable, row: number): FeatureRow =>
  Object.fromEntries(table.features.map(({ name, values }) => [name, values[row]]));

const isoTime = (ms: number): string => new Date(ms).toISOString();
