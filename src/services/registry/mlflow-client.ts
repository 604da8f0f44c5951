import { boundedGet, type GetLimits } from './bounded-get';
import { type ImportedRun, readExperimentName, readRun } from './mlflow-run.policy';
import { TrackingProblem } from './tracking-problem';
import { callUrl, isListed, redirected, type RunReference } from './tracking-target.policy';

const LIMITS: GetLimits = { timeoutMs: 10_000, maxBytes: 5 * 1024 * 1024 };
const MOST_REDIRECTS = 3;
/** MLflow's codes for what is not there and for what can be no id. Others, also those of access, may be mended on its side. */
const LASTING = ['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE'];
const LONGEST_QUOTE = 300;

export type RunWithExperiment = ImportedRun & { readonly experimentName: string | null };

/** Reads runs by MLflow's REST API. */
export class MlflowClient {
  private readonly limits: GetLimits;

  constructor(
    private readonly options: {
      /** Hosts that may have private addresses, and are sent the token. */
      readonly hosts: readonly string[];
      readonly token: string | null;
      /** For tests. */
      readonly limits?: Partial<GetLimits>;
    },
  ) {
    this.limits = { ...LIMITS, ...options.limits };
  }

  /** @throws TrackingProblem; the signal's reason when it was aborted */
  async run(reference: RunReference, signal: AbortSignal): Promise<RunWithExperiment> {
    const { trackingUri, experimentId, runId } = reference;
    const run = readRun(await this.call(callUrl(trackingUri, 'runs/get', { run_id: runId }), signal), reference);
    const experiment = await this.call(
      callUrl(trackingUri, 'experiments/get', { experiment_id: experimentId }),
      signal,
    );
    return { ...run, experimentName: readExperimentName(experiment) };
  }

  private async call(url: URL, signal: AbortSignal, redirects = 0): Promise<unknown> {
    const { hosts, token } = this.options;
    const listed = isListed(url, hosts);
    const headers: Record<string, string> = { accept: 'application/json', 'accept-encoding': 'identity' };
    if (listed && token !== null) headers.authorization = `Bearer ${token}`;
    const answer = await boundedGet(url, { ...this.limits, headers, privateAllowed: listed, signal });
    if (answer.status >= 300 && answer.status < 400 && answer.location !== null) {
      if (redirects === MOST_REDIRECTS) throw new TrackingProblem(`${url.host} redirects again and again.`);
      return this.call(redirected(url, answer.location), signal, redirects + 1);
    }
    const json = parsed(answer.body);
    if (answer.status !== 200) throw refusal(url, answer.status, json);
    if (json === undefined) throw new TrackingProblem(`${url.host} answered with what is not JSON. Is it an MLflow?`);
    return json;
  }
}

/** undefined when it is not JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Nothing but MLflow's own errors is quoted: an address may lead to what is not meant to be read here. */
function refusal(url: URL, status: number, json: unknown): TrackingProblem {
  const { error_code: code, message } = (json ?? {}) as Record<string, unknown>;
  if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) {
    const quote = typeof message === 'string' ? message.replaceAll('\0', '').slice(0, LONGEST_QUOTE) : '';
    return new TrackingProblem(`MLflow answered ${status} ${code}: ${quote}`, LASTING.includes(code));
  }
  const remedy = status === 401 || status === 403 ? ' Give Mooring a token for it in MOORING_MLFLOW_TOKEN.' : '';
  return new TrackingProblem(`${url.host} answered ${status}.${remedy}`);
}
