import path from 'node:path';
import { hostList, integer, type NamedKey, namedKeys, postgresUrl, redisUrls } from './config-values';

export type { NamedKey } from './config-values';

export type AuthenticationMode = 'development' | 'tokens';

export type PredictionLogMode = 'durable' | 'fast';

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Where embedded PostgreSQL, artifacts and offline features live. */
  readonly dataDirectory: string;
  /** null: an embedded PostgreSQL in the data directory. */
  readonly databaseUrl: string | null;
  /** The role that owns the schema; null: the same as databaseUrl. */
  readonly migrationDatabaseUrl: string | null;
  readonly databasePoolSize: number;
  /** Where online features are kept; several are nodes of one cluster. None: in PostgreSQL. */
  readonly redisUrls: readonly string[];
  readonly authentication: AuthenticationMode;
  readonly logLevel: string;
  readonly maxBodyBytes: number;
  /** Of one upload. */
  readonly maxArtifactBytes: number;
  readonly subscriberQueueSize: number;
  readonly eventRetentionHours: number;
  readonly shutdownGraceSeconds: number;
  /** durable: predictions are answered after their commit. fast: before it, and a crash may lose what is in the buffer. */
  readonly predictionLog: PredictionLogMode;
  /** In fast mode. */
  readonly predictionBufferRows: number;
  /** In fast mode. */
  readonly predictionFlushMs: number;
  readonly predictionRetentionDays: number;
  /** The first encrypts artifacts and secrets that are written, all of them decrypt. None: they are stored unencrypted. */
  readonly artifactKeys: readonly NamedKey[];
  /** Whether webhooks may reach addresses of private networks. */
  readonly webhookAllowPrivate: boolean;
  /** Signs the addresses for uploads and downloads; null: one of its own, kept in the data directory. */
  readonly signingSecret: string | null;
  /** Hosts of MLflow servers, each with a port or for all: they may have private addresses, and are sent the token. */
  readonly mlflowHosts: readonly string[];
  readonly mlflowToken: string | null;
}

export interface Variable<T> {
  readonly name: string;
  readonly description: string;
  /** As the README shows it. */
  readonly fallback: string;
  /** What a right value is; completes "expected …". */
  readonly expected: string;
  /** Never repeated in a message. */
  readonly isSecret?: boolean;
  /** The parsed value, or undefined when the text is not a right one. */
  parse(text: string | undefined): T | undefined;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

const isLoopback = (host: string): boolean => LOOPBACK.includes(host);

/** The one table of what can be configured. The README's table is checked against it. */
export const VARIABLES: { readonly [K in keyof Config]: Variable<Config[K]> } = {
  host: {
    name: 'MOORING_HOST',
    description: 'Address to listen on. Any but a loopback address needs tokens.',
    fallback: '127.0.0.1',
    expected: 'an IP address or host name',
    parse: (text = '127.0.0.1') => (/^[\w.:-]+$/.test(text) ? text : undefined),
  },
  port: { name: 'MOORING_PORT', description: 'Port to listen on; 0 takes a free one.', ...integer(0, 65_535, 4000) },
  dataDirectory: {
    name: 'MOORING_DATA_DIR',
    description: 'Directory of the embedded PostgreSQL, artifacts and offline features.',
    fallback: '.mooring',
    expected: 'a directory path',
    parse: (text = '.mooring') => path.resolve(text),
  },
  databaseUrl: {
    name: 'DATABASE_URL',
    description: 'PostgreSQL 15 or later. Without it an embedded one runs in the data directory.',
    fallback: 'embedded',
    ...postgresUrl,
  },
  migrationDatabaseUrl: {
    name: 'MIGRATION_DATABASE_URL',
    description: 'The role that owns the tables, when the server shall run as one that does not.',
    fallback: 'DATABASE_URL',
    ...postgresUrl,
  },
  databasePoolSize: {
    name: 'MOORING_DATABASE_POOL',
    description: 'Connections to PostgreSQL.',
    ...integer(2, 100, 10),
  },
  redisUrls: {
    name: 'REDIS_URL',
    description: 'Redis 6 or later for online features; of a cluster some of its nodes, separated by commas.',
    fallback: 'none: they are kept in PostgreSQL',
    expected: 'redis://user:password@host:port/database, or rediss:// for TLS; several by commas',
    isSecret: true,
    parse: (text) => (text === undefined ? [] : redisUrls(text)),
  },
  authentication: {
    name: 'MOORING_AUTH',
    description:
      'development: everybody on this machine is an administrator (loopback only). tokens: every request needs one.',
    fallback: 'development on loopback, else tokens',
    expected: 'development or tokens',
    parse: (text) =>
      text === undefined || text === 'development' ? 'development' : text === 'tokens' ? 'tokens' : undefined,
  },
  logLevel: {
    name: 'MOORING_LOG_LEVEL',
    description: 'The least severe log line to write.',
    fallback: 'info',
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text = 'info') => (LOG_LEVELS.includes(text) ? text : undefined),
  },
  maxBodyBytes: {
    name: 'MOORING_MAX_BODY_BYTES',
    description: 'Largest request body over HTTP. WebSocket messages may be a sixteenth of it.',
    ...integer(65_536, 1_073_741_824, 16 * 1024 * 1024),
  },
  maxArtifactBytes: {
    name: 'MOORING_MAX_ARTIFACT_BYTES',
    description: 'Largest artifact that can be uploaded.',
    ...integer(1024, 2 ** 50, 10 * 2 ** 30),
  },
  subscriberQueueSize: {
    name: 'MOORING_SUBSCRIBER_QUEUE',
    description: 'Events kept for a listener that reads slowly; more end its stream with LISTENER_TOO_SLOW.',
    ...integer(1, 100_000, 1000),
  },
  eventRetentionHours: {
    name: 'MOORING_EVENT_RETENTION_HOURS',
    description: 'How long a subscription can be resumed; older cursors are CURSOR_EXPIRED.',
    ...integer(1, 8760, 168),
  },
  shutdownGraceSeconds: {
    name: 'MOORING_SHUTDOWN_GRACE_SECONDS',
    description: 'How long work in flight may take to finish after SIGTERM.',
    ...integer(0, 600, 15),
  },
  predictionLog: {
    name: 'MOORING_PREDICTION_LOG',
    description:
      'durable: a prediction is answered once it is in the log, and none is lost. fast: before that; a crash may lose what the buffer holds.',
    fallback: 'durable',
    expected: 'durable or fast',
    parse: (text = 'durable') => (text === 'durable' || text === 'fast' ? text : undefined),
  },
  predictionBufferRows: {
    name: 'MOORING_PREDICTION_BUFFER',
    description: 'With the fast log: most predictions that a crash may lose; while they wait, more are OVERLOADED.',
    ...integer(1000, 1_000_000, 10_000),
  },
  predictionFlushMs: {
    name: 'MOORING_PREDICTION_FLUSH_MS',
    description:
      'With the fast log: longest time in ms until the write of a prediction begins, while the database answers.',
    ...integer(1, 60_000, 100),
  },
  predictionRetentionDays: {
    name: 'MOORING_PREDICTION_RETENTION_DAYS',
    description: 'How long predictions and their outcomes are kept; they are dropped by whole weeks.',
    ...integer(1, 36_500, 400),
  },
  webhookAllowPrivate: {
    name: 'MOORING_WEBHOOK_ALLOW_PRIVATE',
    description: 'true: webhooks may reach into private networks, such as this machine.',
    fallback: 'false',
    expected: 'true or false',
    parse: (text = 'false') => (text === 'true' ? true : text === 'false' ? false : undefined),
  },
  artifactKeys: {
    name: 'MOORING_ARTIFACT_KEYS',
    description:
      'Keys that encrypt artifacts and the secrets of webhooks at rest: id:key, separated by commas; a key is 32 bytes in base64. The first one writes, all of them read.',
    fallback: 'none: they are stored unencrypted',
    expected: 'id:key, where key is 32 bytes in base64 (openssl rand -base64 32); several by commas, each id once',
    isSecret: true,
    parse: (text) => (text === undefined ? [] : namedKeys(text)),
  },
  signingSecret: {
    name: 'MOORING_SIGNING_SECRET',
    description: 'Signs the short-lived addresses of uploads and downloads. Servers on one database need the same one.',
    fallback: 'made at the first start, kept in the data directory',
    expected: 'at least 32 characters (openssl rand -base64 32)',
    isSecret: true,
    parse: (text) => (text === undefined ? null : text.length >= 32 ? text : undefined),
  },
  mlflowHosts: {
    name: 'MOORING_MLFLOW_HOSTS',
    description:
      'MLflow servers that may have private addresses and are sent the token: host or host:port, with commas.',
    fallback: 'none',
    expected: 'host names or addresses, each with a port or without one, separated by commas',
    parse: (text = '') => hostList(text),
  },
  mlflowToken: {
    name: 'MOORING_MLFLOW_TOKEN',
    description: 'Bearer token for these servers.',
    fallback: 'none',
    expected: 'a token without spaces',
    isSecret: true,
    parse: (text) => (text === undefined ? null : /^[\x21-\x7e]+$/.test(text) ? text : undefined),
  },
};

/** All that is wrong with the environment, at once. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/**
 * Reads the configuration. Empty variables count as absent. Unknown names that start with MOORING_ are reported, since they are most likely misspelt.
 * @throws ConfigurationError naming every bad variable and what was expected
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values = Object.entries(VARIABLES).map(([key, variable]: [string, Variable<unknown>]) => {
    const text = environment[variable.name] === '' ? undefined : environment[variable.name];
    const value = variable.parse(text);
    // Keys are secrets, and passwords stand in URLs.
    const shown = variable.isSecret ? 'the value' : JSON.stringify(text);
    if (value === undefined) problems.push(`${variable.name}: ${shown} is not right; expected ${variable.expected}`);
    return [key, value] as const;
  });
  const config = Object.fromEntries(values) as unknown as Config;

  const known = new Set<string>(Object.values(VARIABLES).map((variable) => variable.name));
  for (const name of Object.keys(environment)) {
    // MOORING_URL and MOORING_TOKEN are the clients', MOORING_TEST_… the tests'.
    if (name.startsWith('MOORING_') && !known.has(name) && !/^MOORING_(URL$|TOKEN$|TEST_)/.test(name)) {
      problems.push(`${name}: unknown; known are ${[...known].join(', ')}`);
    }
  }
  const { host, authentication } = config;
  const asked = environment[VARIABLES.authentication.name];
  if (host && asked === 'development' && !isLoopback(host)) {
    problems.push(`MOORING_AUTH: development is for loopback addresses only, and MOORING_HOST is ${host}; use tokens`);
  }
  if (config.migrationDatabaseUrl && !config.databaseUrl)
    problems.push('MIGRATION_DATABASE_URL: set without DATABASE_URL; set both or neither');
  if (config.mlflowToken && config.mlflowHosts?.length === 0)
    problems.push('MOORING_MLFLOW_TOKEN: set without MOORING_MLFLOW_HOSTS; name the hosts that it is for');
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze({ ...config, authentication: isLoopback(host) ? authentication : 'tokens' });
}
