import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { type FeatureValue, Model, ModelVersion, Prediction } from '../src/entities';
import { createLogger } from '../src/logger';
import { createDataSource, type EmbeddedPostgres, migrate, startEmbeddedPostgres } from '../src/services/database';
import { LiveDriftService, LiveProfiler, ProfileLayouts, ProfileRollup } from '../src/services/monitoring';
import { analyseDrift } from '../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../src/services/monitoring/monitoring-policy.service';
import { readWindow } from '../src/services/monitoring/window-reader';
import { PredictionLog, PredictionReader } from '../src/services/predictions';
import { SeededRandom } from '../src/services/statistics';
import type { ReferenceProfile } from '../src/services/training';
import { buildReferenceProfile, serializeReferenceProfile } from '../src/services/training/reference-profile';
import { fillRegistry } from './fill-registry';
import type { Bench } from './harness';

const FEATURES = 50;
/** Every fifth feature is a text of one of these. */
const LEVELS = ['basic', 'family', 'business', 'student', 'none'];
const REFERENCE_ROWS = 5000;
const MINUTES = 60;
const LIMIT_MS = 20;
const HOLD_LIMIT_MS = 50;
const REPETITIONS = 20;

const logger = createLogger('error');
const random = new SeededRandom('live drift bench');
const names = Array.from({ length: FEATURES }, (_, index) => `f${index}`);
const isText = (index: number): boolean => index % 5 === 0;
const value = (index: number): FeatureValue => (isText(index) ? LEVELS[random.integer(5)] : random.normal());

interface State {
  readonly directory: string;
  readonly postgres: EmbeddedPostgres;
  readonly dataSource: DataSource;
  readonly version: ModelVersion;
  readonly profile: ReferenceProfile;
  readonly live: LiveDriftService;
  readonly reader: PredictionReader;
  readonly hour: readonly [Date, Date];
}
let state: State | null = null;

function ready(): State {
  if (!state) throw new Error('The bench was not set up.');
  return state;
}

function reference(): ReferenceProfile {
  const columns = names.map((name, index) => {
    const values = Array.from({ length: REFERENCE_ROWS }, () => value(index));
    return isText(index)
      ? ({ name, kind: 'CATEGORICAL', values: values.map(String) } as const)
      : ({ name, kind: 'NUMERIC', values: Float64Array.from(values, Number) } as const);
  });
  const rows = Array.from({ length: REFERENCE_ROWS }, (_, row) => row);
  const probabilities = Float64Array.from(rows, () => random.uniform());
  const labels = rows.map((row) => Number(random.uniform() < probabilities[row]));
  return buildReferenceProfile({ rowCount: REFERENCE_ROWS, columns }, probabilities, labels, rows.map(String));
}

async function setup({ small }: { readonly small: boolean }): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
  // Root's PostgreSQL runs as another user, who has to get in.
  chmodSync(directory, 0o711);
  const postgres = await startEmbeddedPostgres({ directory: path.join(directory, 'data'), logger });
  const appRole = decodeURIComponent(new URL(postgres.url).username);
  await migrate({ ownerUrl: postgres.ownerUrl, appRole, logger });
  const dataSource = await createDataSource({ url: postgres.url, poolSize: 4, logger, statementTimeoutMs: 0 });
  await fillRegistry(dataSource, 1, 1);
  const { manager } = dataSource;
  const inputs = names.map((name, index) => ({ name, dtype: isText(index) ? 'STRING' : 'DOUBLE' }) as const);
  const digest = '0'.repeat(64);
  await dataSource.query(`UPDATE model_versions SET signature = $1, reference_profile_digest = $2`, [
    JSON.stringify({ inputs }),
    digest,
  ]);
  const [version] = await manager.find(ModelVersion);
  const [model] = await manager.find(Model);

  const profile = reference();
  const bytes = Buffer.from(serializeReferenceProfile(profile));
  const layouts = new ProfileLayouts({ dataSource, artifacts: { get: () => Promise.resolve(bytes) } });
  const log = new PredictionLog({ dataSource, profiler: new LiveProfiler({ layouts, logger }) });
  const end = Date.now();
  const hour = [new Date(end - MINUTES * 60_000), new Date(end)] as const;
  for (let minute = 0; minute < MINUTES; minute++) {
    const rows = Array.from({ length: small ? 50 : 500 }, () =>
      prediction(version, new Date(hour[0].getTime() + minute * 60_000 + random.integer(60_000))),
    );
    await log.append(rows);
    // The last minute is left as serving leaves it: one write of many.
    if (minute < MINUTES - 1) await new ProfileRollup({ dataSource, logger }).merge();
  }
  for (let write = 0; write < 200; write++) await log.append([prediction(version, new Date(end - 1000))]);
  await log.close();
  const live = new LiveDriftService({
    dataSource,
    layouts,
    versions: { select: () => Promise.resolve({ model, modelVersion: version }) },
    policies: {
      get: (modelId) =>
        Promise.resolve({
          modelId,
          policy: DEFAULT_MONITORING_RULES,
          driftWindowSeconds: null,
          revision: 0,
          updatedBy: null,
          updatedAt: null,
        }),
    },
  });
  state = {
    directory,
    postgres,
    dataSource,
    version,
    profile,
    live,
    reader: new PredictionReader({ dataSource }),
    hour,
  };
}

const prediction = (version: ModelVersion, predictedAt: Date): Prediction =>
  Object.assign(new Prediction(), {
    id: randomUUID(),
    modelId: version.modelId,
    modelVersionId: version.id,
    variant: 'PRIMARY',
    entity: null,
    features: Object.fromEntries(names.map((name, index) => [name, value(index)])),
    featureStatuses: {},
    featuresHash: 'f'.repeat(64),
    featureServiceVersionId: null,
    probability: random.uniform(),
    label: false,
    latencyMs: 1,
    actor: 'ada',
    requestId: 'r',
    predictedAt,
  } as const);

async function teardown(): Promise<void> {
  if (!state) return;
  await state.dataSource.destroy();
  await state.postgres.stop();
  rmSync(state.directory, { recursive: true, force: true });
}

async function millisecondsOf(work: () => Promise<unknown>, repetitions: number): Promise<number> {
  const start = performance.now();
  for (let repetition = 0; repetition < repetitions; repetition++) await work();
  return (performance.now() - start) / repetitions;
}

async function fromProfiles(): Promise<void> {
  const { live, hour } = ready();
  const { currentRowCount, features } = await live.read({ model: 'any', from: hour[0], to: hour[1] });
  if (currentRowCount === 0 || features.length !== FEATURES)
    throw new Error('The profiles are not those of the bench.');
}

/** The same figures, and those about outcomes, of which there are none. */
async function fromLog(): Promise<void> {
  const { version, profile, reader, hour } = ready();
  const window = await readWindow(reader, {
    version,
    profile,
    from: hour[0],
    to: hour[1],
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  analyseDrift(profile, window, DEFAULT_MONITORING_RULES, 0.5);
}

const live = () => millisecondsOf(fromProfiles, REPETITIONS);

/** The longest time for which a report from the log keeps the event loop from everybody else. */
async function holdMs(): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await fromLog();
  histogram.disable();
  return histogram.max / 1e6;
}

export const bench: Bench = {
  name: 'live-drift',
  description: `drift of ${FEATURES} features over an hour, from live profiles and from the log`,
  setup,
  teardown,
  cases: [
    {
      name: 'from live profiles, against reading the log',
      unit: 'ms',
      higherIsBetter: false,
      run: live,
      baseline: () => millisecondsOf(fromLog, 1),
    },
    {
      name: `from live profiles, against the limit of ${LIMIT_MS} ms`,
      unit: 'ms',
      higherIsBetter: false,
      run: live,
      baseline: () => LIMIT_MS,
    },
    {
      name: `longest hold of the event loop by a report from the log, against the limit of ${HOLD_LIMIT_MS} ms`,
      unit: 'ms',
      higherIsBetter: false,
      run: holdMs,
      baseline: () => HOLD_LIMIT_MS,
    },
  ],
};
