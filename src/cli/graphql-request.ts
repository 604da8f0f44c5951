interface GraphqlRequest {
  /** Of the server, without /graphql. */
  readonly url: string;
  readonly token: string | null;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** One operation over HTTP. @throws Error with the first error's message */
export async function graphqlRequest<Data>({ url, token, query, variables }: GraphqlRequest): Promise<Data> {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  if (errors?.[0] || !data) throw new Error(errors?.[0]?.message ?? `${url} answered ${response.status}`);
  return data;
}
