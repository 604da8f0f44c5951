import { ApiError, GraphqlClient } from '../../../examples/churn/graphql-client';
import { APPLY_ENTITY, FEATURE_VIEW } from '../../../examples/churn/operations/features';

const input = { name: 'subscriber', joinKeys: [], description: '' };

function answer(body: string, status = 200): jest.SpyInstance {
  return jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(body, { status }));
}

afterEach(() => jest.restoreAllMocks());

describe('GraphqlClient', () => {
  it('posts document and variables with the token to /graphql of the address', async () => {
    const fetched = answer('{"data":{"featureView":null}}');
    const client = new GraphqlClient('http://127.0.0.1:4000/', 'secret');
    expect(await client.query(FEATURE_VIEW, { name: 'usage' })).toEqual({ featureView: null });
    const [url, request] = fetched.mock.calls[0] as [string, RequestInit];
    expect(url).toBe('http://127.0.0.1:4000/graphql');
    expect(request.headers).toMatchObject({ authorization: 'Bearer secret', 'content-type': 'application/json' });
    expect(JSON.parse(request.body as string)).toMatchObject({ variables: { name: 'usage' } });
  });

  it('sends no authorization without a token', async () => {
    const fetched = answer('{"data":{"featureView":null}}');
    await new GraphqlClient('http://127.0.0.1:4000', null).query(FEATURE_VIEW, { name: 'usage' });
    expect((fetched.mock.calls[0] as [string, RequestInit])[1].headers).not.toHaveProperty('authorization');
  });

  it('throws the first userError with operation, code, field and message', async () => {
    answer(
      '{"data":{"payload":{"entity":null,"userErrors":[{"code":"INVALID_INPUT","field":["input","name"],"message":"is blank"}]}}}',
    );
    const failure = await new GraphqlClient('http://127.0.0.1:4000', null)
      .mutate(APPLY_ENTITY, { input })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ operation: 'ExampleApplyEntity', code: 'INVALID_INPUT', field: 'input.name' });
    expect((failure as ApiError).message).toBe('ExampleApplyEntity answered INVALID_INPUT for input.name: is blank');
  });

  it.each<[string, string, number, RegExp]>([
    [
      'a top-level error',
      '{"errors":[{"message":"who are you?","extensions":{"code":"UNAUTHENTICATED"}}]}',
      401,
      /ExampleFeatureView answered UNAUTHENTICATED: who are you\?/,
    ],
    [
      'an answer that is no JSON',
      '<html>Bad gateway</html>',
      502,
      /ExampleFeatureView answered HTTP_502: <html>Bad gateway/,
    ],
  ])('throws %s with its code', async (_, body, status, message) => {
    answer(body, status);
    await expect(
      new GraphqlClient('http://127.0.0.1:4000', null).query(FEATURE_VIEW, { name: 'usage' }),
    ).rejects.toThrow(message);
  });

  it('says where nobody answers, and that what was sent is kept', async () => {
    jest
      .spyOn(globalThis, 'fetch')
      .mockRejectedValue(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:4000') }));
    await expect(
      new GraphqlClient('http://127.0.0.1:4000', null).query(FEATURE_VIEW, { name: 'usage' }),
    ).rejects.toThrow(
      /UNREACHABLE: no answer from http:\/\/127\.0\.0\.1:4000\/graphql \(.*\)\. Is the server running\? What was sent so far is kept/,
    );
  });
});
