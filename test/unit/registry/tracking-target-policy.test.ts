import { isPrivateAddress } from '../../../src/private-address';
import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import { callUrl, checkedRun, isListed, redirected } from '../../../src/services/registry/tracking-target.policy';

const run = (changes: object = {}) => ({
  trackingUri: 'https://mlflow.example.org/team',
  experimentId: '1',
  runId: 'a',
  ...changes,
});

describe('A reference to a run', () => {
  it('is taken as it is given', () => {
    expect(checkedRun({ ...run(), more: 1 } as never, 'input')).toEqual(run());
  });

  it.each([
    ['file:///mlruns', /trackingUri: must be the http\(s\) address/],
    ['http//mlflow', /must be the http\(s\) address/],
    ['https://[', /must be the http\(s\) address/],
    [`https://${'a'.repeat(2000)}`, /must be the http\(s\) address/],
    ['https://ada:pw@mlflow', /must not hold a user or password.*MOORING_MLFLOW_TOKEN/],
    ['https://ada@mlflow', /must not hold a user or password/],
    ['https://mlflow/?x=1', /must end before the "\?" or "#"/],
    ['https://mlflow/#/experiments/1', /must end before the "\?" or "#"/],
  ])('is refused with the address %s', (trackingUri, message) => {
    const check = () => checkedRun(run({ trackingUri }), 'input.experiment');
    expect(check).toThrow(InvalidInput);
    expect(check).toThrow(message);
    expect(check).not.toThrow(/ada|pw/);
  });

  it.each(['experimentId', 'runId'])('is refused when the %s is empty or too long', (name) => {
    expect(() => checkedRun(run({ [name]: '' }), 'input')).toThrow(`${name}: must not be empty`);
    expect(() => checkedRun(run({ [name]: 'x'.repeat(251) }), 'input')).toThrow(`${name}: 251 characters are too many`);
  });
});

describe('The address of a call', () => {
  it('keeps the path of the server and escapes ids, so that they stay within the query', () => {
    fc.assert(
      fc.property(fc.string(), (runId) => {
        const url = callUrl('https://mlflow.example.org/team/', 'runs/get', { run_id: runId });
        expect(url.pathname).toBe('/team/api/2.0/mlflow/runs/get');
        expect([...url.searchParams.keys()]).toEqual(['run_id']);
        expect(url.hash).toBe('');
      }),
    );
  });

  it('is not made of one with credentials, which older links may have', () => {
    expect(() => callUrl('https://ada:pw@mlflow', 'runs/get', {})).toThrow(/Link the run again without them/);
  });
});

describe('The hosts of the configuration', () => {
  it.each([
    ['http://mlflow:5000', ['mlflow'], true],
    ['http://mlflow:5000', ['mlflow:5000'], true],
    ['http://mlflow:5001', ['mlflow:5000'], false],
    ['http://MLflow', ['mlflow:80'], true],
    ['https://mlflow', ['mlflow:443'], true],
    ['https://mlflow', ['mlflow:80'], false],
    ['https://mlflow.evil.org', ['mlflow'], false],
    ['http://[::1]:5000', ['[::1]'], true],
    ['http://mlflow', [], false],
  ])('%s with %j: %s', (url, hosts, listed) => {
    expect(isListed(new URL(url), hosts)).toBe(listed);
  });
});

describe('A redirect', () => {
  const from = new URL('https://mlflow/api');
  it('is followed on the same host', () => {
    expect(redirected(from, '/other?x=1').href).toBe('https://mlflow/other?x=1');
    expect(redirected(new URL('http://mlflow'), 'https://mlflow/').href).toBe('https://mlflow/');
  });

  it.each(['https://other/', '//other/', 'http://mlflow/', 'ftp://mlflow/', 'http://'])(
    'is not followed to %s',
    (to) => {
      expect(() => redirected(from, to)).toThrow(/is not followed/);
    },
  );
});

describe('Private addresses', () => {
  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...['::', '::1', '[::1]', 'fd00::1', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '255.255.255.255'],
  ])('include %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '[2606:4700::1111]', '::ffff:8.8.8.8'])(
    'do not include %s',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );
});
