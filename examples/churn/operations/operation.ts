import type { Operation, Payload } from '../graphql-client';

/** Gives a document its types. */
export const operation = <Data, Variables>(document: string): Operation<Data, Variables> => ({ document });

/** A mutation of one input whose answer is called `payload`. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it names the input's type for whoever calls client.mutate
export const mutation = <Entity, Input>(
  document: string,
): Operation<{ readonly payload: Payload<Entity> }, { readonly input: Input }> => ({
  document,
});

export interface JobState {
  readonly id: string;
  readonly status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly progressRatio: number;
  readonly progressMessage: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Metric {
  readonly name: string;
  readonly value: number;
}

export const JOB_FIELDS = 'id status progressRatio progressMessage error { code message }';

export const JOB = operation<{ readonly job: JobState | null }, { readonly id: string }>(`
  query ExampleJob($id: ID!) {
    job(id: $id) { ${JOB_FIELDS} }
  }
`);
