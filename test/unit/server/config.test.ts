import fc from 'fast-check';
import { type Config, type ConfigurationError, readConfig, VARIABLES } from '../../../src/config';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
}

describe('the configuration', () => {
  it('works without a single variable', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      databaseUrl: null,
      authentication: 'development',
    } satisfies Partial<Config>);
  });

  it('reports every bad variable at once, with what was expected', () => {
    const problems = problemsOf({
      MOORING_PORT: '70000',
      MOORING_HOST: 'not a host!',
      DATABASE_URL: 'mysql://x',
      MOORING_DATABASE_POOL: 'many',
      MOORING_AUTH: 'none',
      MOORING_LOG_LEVEL: 'loud',
      MOORING_MAX_BODY_BYTES: '1e9',
      MOORING_MAX_ARTIFACT_BYTES: '10GB',
      MOORING_SUBSCRIBER_QUEUE: '0',
      MOORING_SHUTDOWN_GRACE_SECONDS: '-1',
      MOORING_ARTIFACT_KEYS: 'first:tooshort',
      MOORING_SIGNING_SECRET: 'tooshort',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'MOORING_HOST',
      'MOORING_PORT',
      'DATABASE_URL',
      'MOORING_DATABASE_POOL',
      'MOORING_AUTH',
      'MOORING_LOG_LEVEL',
      'MOORING_MAX_BODY_BYTES',
      'MOORING_MAX_ARTIFACT_BYTES',
      'MOORING_SUBSCRIBER_QUEUE',
      'MOORING_SHUTDOWN_GRACE_SECONDS',
      'MOORING_ARTIFACT_KEYS',
      'MOORING_SIGNING_SECRET',
    ]);
    for (const problem of problems) expect(problem).toContain('expected');
  });

  it('never repeats a URL, which may hold a password', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://app:hunter2@db' }).join()).not.toContain('hunter2');
  });

  it('reads the keys of artifacts, the writing one first, and never repeats them', () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const text = `2026-11:${first.toString('base64')}, 2025-11:${second.toString('base64')}`;
    expect(readConfig({ MOORING_ARTIFACT_KEYS: text }).artifactKeys).toEqual([
      { id: '2026-11', key: first },
      { id: '2025-11', key: second },
    ]);
    expect(readConfig({}).artifactKeys).toEqual([]);
    const twice = `a:${first.toString('base64')},a:${second.toString('base64')}`;
    for (const wrong of [twice, `a:${first.toString('hex')}`, `a b:${first.toString('base64')}`, ',']) {
      const problems = problemsOf({ MOORING_ARTIFACT_KEYS: wrong, MOORING_SIGNING_SECRET: 'short secret' });
      expect(problems).toHaveLength(2);
      expect(problems.join()).not.toMatch(/AQEB|0101|short secret/);
    }
  });

  it('takes hosts of MLflow as they stand in URLs, and a token for those only, which it never repeats', () => {
    const hosts = { MOORING_MLFLOW_HOSTS: ' MLflow.internal:5000, 10.0.0.7,[::1]:80,' };
    expect(readConfig({ ...hosts, MOORING_MLFLOW_TOKEN: 's3cret' })).toMatchObject({
      mlflowHosts: ['mlflow.internal:5000', '10.0.0.7', '[::1]:80'],
      mlflowToken: 's3cret',
    });
    expect(problemsOf({ MOORING_MLFLOW_TOKEN: 's3cret' })).toEqual([
      expect.stringMatching(/set without MOORING_MLFLOW_HOSTS/),
    ]);
    expect(problemsOf({ ...hosts, MOORING_MLFLOW_TOKEN: 's3cret s3cret' }).join()).not.toContain('s3cret');
    for (const wrong of ['http://mlflow', 'a b', 'mlflow:port', '*'])
      expect(problemsOf({ MOORING_MLFLOW_HOSTS: wrong })).toEqual([expect.stringMatching(/expected host names/)]);
  });

  it('reports a name that is most likely misspelt', () => {
    expect(problemsOf({ MOORING_PROT: '4001' })).toEqual([expect.stringMatching(/^MOORING_PROT: unknown/)]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ MOORING_PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}));
  });

  it('asks for tokens on every address but loopback', () => {
    expect(readConfig({ MOORING_HOST: '0.0.0.0' }).authentication).toBe('tokens');
    expect(readConfig({ MOORING_HOST: '::1' }).authentication).toBe('development');
    expect(problemsOf({ MOORING_HOST: '0.0.0.0', MOORING_AUTH: 'development' })).toEqual([
      expect.stringMatching(/^MOORING_AUTH: development is for loopback/),
    ]);
  });

  it('wants the URL of the server’s role beside that of the owner', () => {
    expect(problemsOf({ MIGRATION_DATABASE_URL: 'postgres://owner@db/x' })).toEqual([
      expect.stringMatching(/^MIGRATION_DATABASE_URL: set without DATABASE_URL/),
    ]);
  });

  it('takes any port there is, and no other text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(readConfig({ MOORING_PORT: String(port) }).port).toBe(port);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !/^\d+$/.test(text)),
        (text) => {
          expect(problemsOf({ MOORING_PORT: text })).toHaveLength(1);
        },
      ),
    );
  });

  it('has a description and a way to be right for every variable', () => {
    for (const { description, expected, fallback } of Object.values(VARIABLES))
      expect([description, expected, fallback].every((text) => text.length > 0)).toBe(true);
  });
});
