import { Unauthenticated } from '../../../src/errors';
import { createAuthenticate } from '../../../src/server/authentication';
import type { TokenService } from '../../../src/services/identity';

const tokens = {
  authenticate: async (bearer: string, requestId: string) => ({
    name: `holder of ${bearer}`,
    roles: ['VIEWER'],
    requestId,
    expiresAt: null,
  }),
} as unknown as TokenService;

describe('authentication', () => {
  it('makes everybody in development an administrator', async () => {
    await expect(createAuthenticate('development', tokens)(undefined, 'r')).resolves.toMatchObject({
      roles: ['ADMIN'],
      requestId: 'r',
    });
  });

  it('takes whoever shows a token in development for its holder', async () => {
    await expect(createAuthenticate('development', tokens)('Bearer abc', 'r')).resolves.toMatchObject({
      name: 'holder of abc',
      roles: ['VIEWER'],
    });
  });

  it('asks for a token where tokens are asked for', async () => {
    await expect(createAuthenticate('tokens', tokens)(undefined, 'r')).rejects.toThrow(Unauthenticated);
  });

  it('takes the scheme in any case', async () => {
    await expect(createAuthenticate('tokens', tokens)('bearer abc', 'r')).resolves.toMatchObject({
      name: 'holder of abc',
    });
  });

  it.each(['abc', 'Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer a\nb', 42, { bearer: 'abc' }])(
    'refuses %j',
    async (authorization) => {
      await expect(createAuthenticate('tokens', tokens)(authorization, 'r')).rejects.toThrow(Unauthenticated);
      await expect(createAuthenticate('development', tokens)(authorization, 'r')).rejects.toThrow(Unauthenticated);
    },
  );
});
