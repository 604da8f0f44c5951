import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FileArtifactStore } from '../src/services/artifacts';
import { OnnxModel } from '../src/services/onnx';
import { closedLoop, jsonRequest } from './closed-loop';
import type { Bench, BenchCase } from './harness';
import { endWithThisProcess, type MooringProcess, startMooring, stop, tellChurn } from './mooring-process';

const SUBSCRIBERS = 2000;
const CONNECTIONS = 32;
const SECONDS = 2;
const READY_SECONDS = 60;

const PREDICT = `
  mutation Predict($input: PredictInput!) {
    predict(input: $input) { prediction { id probability label } userErrors { code message } }
  }`;

interface Logged {
  readonly entity: object | null;
  readonly features: readonly { readonly name: string; readonly value: string | number | boolean | null }[];
}

interface State {
  readonly directory: string;
  readonly mooring: MooringProcess;
  readonly bare: ChildProcess;
  readonly barePort: number;
  /** Predictions of the example, to be asked for again. */
  readonly logged: readonly Logged[];
  /** Columns of the model's input. */
  readonly width: number;
}
let state: State | null = null;

function ready(): State {
  if (!state) throw new Error('The bench was not set up.');
  return state;
}

async function setup(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
  // Root's PostgreSQL runs as another user, who has to get in.
  chmodSync(directory, 0o711);
  const mooring = await startMooring('serve', directory);
  await mooring.secondsUntil(mooring.isReady, READY_SECONDS);
  await tellChurn(mooring.url, SUBSCRIBERS);

  const { model, predictions } = await mooring.graphql<{
    readonly model: { readonly production: { readonly artifacts: readonly { role: string; digest: string }[] } };
    readonly predictions: { readonly nodes: readonly Logged[] };
  }>(`{
    model(name: "churn") { production { artifacts { role digest } } }
    predictions(model: "churn", first: 100) { nodes { entity features { name value } } }
  }`);
  const digest = model.production.artifacts.find(({ role }) => role === 'MODEL')?.digest ?? '';
  const bytes = await new FileArtifactStore(path.join(directory, 'artifacts')).get(digest);
  const modelFile = path.join(directory, 'model.onnx');
  writeFileSync(modelFile, bytes);
  const onnx = await OnnxModel.load(bytes);
  const { width } = onnx;
  await onnx.release();
  const bare = fork(path.join(__dirname, 'bare-predict-server.js'), [modelFile]);
  endWithThisProcess(bare);
  const [{ port: barePort }] = (await once(bare, 'message')) as [{ port: number }];
  state = { directory, mooring, bare, barePort, logged: predictions.nodes, width };
}

async function teardown(): Promise<void> {
  if (!state) return;
  await Promise.all([stop(state.bare), state.mooring.stop()]);
  rmSync(state.directory, { recursive: true, force: true });
}

/** @param inputOf what is asked about a prediction of the example; null leaves that one out */
function predictCase(name: string, inputOf: (logged: Logged) => object | null): BenchCase {
  return {
    name: `${name}, ${CONNECTIONS} connections, against bare node:http + JSON + one ONNX run`,
    unit: 'requests/s',
    higherIsBetter: true,
    run: () => {
      const { mooring, logged } = ready();
      const requests = logged.flatMap((one) => {
        const input = inputOf(one);
        if (!input) return [];
        return jsonRequest('/graphql', { query: PREDICT, variables: { input: { model: 'churn', ...input } } });
      });
      const isRight = (body: string) => body.includes('"probability":0.') && body.includes('"userErrors":[]');
      return closedLoop({ ...load, port: Number(new URL(mooring.url).port), requests, isRight });
    },
    baseline: () => {
      const { barePort: port, logged, width } = ready();
      const row = (seed: number) =>
        Array.from({ length: width }, (_, column) => ((seed * 31 + column * 17) % 100) / 10);
      const requests = logged.map((_, index) => jsonRequest('/', { row: row(index) }));
      return closedLoop({ ...load, port, requests, isRight: (body) => body.startsWith('{"probability":0.') });
    },
  };
}

const load = { connections: CONNECTIONS, seconds: SECONDS };

export const bench: Bench = {
  name: 'predict',
  description: `predictions through the GraphQL API, logged, after the churn example with ${SUBSCRIBERS} subscribers`,
  setup,
  teardown,
  cases: [
    predictCase('by given features', ({ features }) => ({
      features: Object.fromEntries(features.map(({ name, value }) => [name, value])),
    })),
    predictCase('by entity', ({ entity }) => entity && { entity }),
  ],
};
