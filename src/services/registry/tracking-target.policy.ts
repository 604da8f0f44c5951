import { InvalidInput } from '../../errors';
import { TrackingProblem } from './tracking-problem';

/** An MLflow run, and where it is. */
export interface RunReference {
  readonly trackingUri: string;
  readonly experimentId: string;
  readonly runId: string;
}

const LONGEST_URI = 2000;
const LONGEST_ID = 250;

/**
 * The same reference, fit to be stored.
 * @param field of the input that it stands in, for messages
 * @throws InvalidInput for what can be no run, and for a URI with credentials: everybody who may read the version would read them
 */
export function checkedRun({ trackingUri, experimentId, runId }: RunReference, field: string): RunReference {
  if (!/^https?:\/\//i.test(trackingUri) || !URL.canParse(trackingUri) || trackingUri.length > LONGEST_URI)
    throw new InvalidInput(`${field}.trackingUri`, 'must be the http(s) address of an MLflow tracking server');
  const { username, password, search, hash } = new URL(trackingUri);
  if (username !== '' || password !== '')
    throw new InvalidInput(
      `${field}.trackingUri`,
      'must not hold a user or password: leave them out, and give the server of Mooring a token for that host in MOORING_MLFLOW_TOKEN',
    );
  if (search !== '' || hash !== '')
    throw new InvalidInput(`${field}.trackingUri`, 'must end before the "?" or "#": the address of the server alone');
  for (const [name, value] of Object.entries({ experimentId, runId })) {
    if (value === '') throw new InvalidInput(`${field}.${name}`, 'must not be empty');
    if (value.length > LONGEST_ID)
      throw new InvalidInput(`${field}.${name}`, `${value.length} characters are too many; at most ${LONGEST_ID}`);
  }
  return { trackingUri, experimentId, runId };
}

/**
 * Where a call of MLflow's REST API is found.
 * @throws TrackingProblem for a URI that was stored before credentials were refused
 */
export function callUrl(trackingUri: string, call: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(trackingUri);
  if (url.username !== '' || url.password !== '')
    throw new TrackingProblem('The tracking URI holds a user or password. Link the run again without them.', true);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/2.0/mlflow/${call}`;
  url.search = new URLSearchParams(query).toString();
  return url;
}

/**
 * Whether the configuration names the host of an address: such a host may have a private address, and is sent the token.
 * @param hosts names or addresses, each with a port or for all ports
 */
export function isListed(url: URL, hosts: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return hosts.includes(url.hostname) || hosts.includes(`${url.hostname}:${port}`);
}

/**
 * Where a redirect leads: it is followed on the same host only, and never from https to http.
 * @throws TrackingProblem
 */
export function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to?.hostname !== from.hostname || !['https:', from.protocol].includes(to.protocol))
    throw new TrackingProblem(
      `${from.host} redirects to ${to ? to.origin : 'what is no address'}, which is not followed. Link the run with the address that it ends at.`,
    );
  return to;
}
