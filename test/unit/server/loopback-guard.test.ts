import { refusedInDevelopment } from '../../../src/server/loopback-guard';

describe('the guard of the development identity', () => {
  it.each(['localhost', 'localhost:4000', '127.0.0.1:4000', '[::1]:4000', 'LOCALHOST:1'])(
    'lets the host %s in',
    (host) => {
      expect(refusedInDevelopment({ host })).toBeNull();
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.5:4000',
    '',
    'evil.example@localhost',
    'localhost:4000.evil.example',
  ])('keeps the host %j out, whose page may have made its name lead here', (host) => {
    expect(refusedInDevelopment({ host })).toContain('MOORING_AUTH=tokens');
  });

  it('keeps a request without a host out', () => {
    expect(refusedInDevelopment({})).not.toBeNull();
  });

  it.each(['http://localhost:4000', 'http://127.0.0.1:5173', 'https://[::1]'])(
    'lets pages of this machine in: %s',
    (origin) => {
      expect(refusedInDevelopment({ host: 'localhost:4000', origin })).toBeNull();
    },
  );

  it.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'file://',
    'http://localhost@evil.example',
  ])('keeps pages of %s out', (origin) => {
    expect(refusedInDevelopment({ host: 'localhost:4000', origin })).toContain('may not use the development identity');
  });
});
