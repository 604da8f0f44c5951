import type { GraphqlClient } from '../../../examples/churn/graphql-client';
import type { AlertEvent } from '../../../examples/churn/operations/monitoring';
import { AlertListener } from '../../../examples/churn/steps/alert-listener';

const event = (cursor: string, driftReportId: string): { driftAlerts: AlertEvent } => ({
  driftAlerts: {
    cursor,
    event: {
      change: 'RAISED',
      alert: {
        id: cursor,
        title: `alert ${cursor}`,
        severity: 'WARNING',
        causes: ['a cause'],
        driftReport: { id: driftReportId },
      },
    },
  },
});

/** Streams that the test feeds by hand, one per subscription. */
class FakeStream {
  private waiting: ((result: IteratorResult<unknown>) => void) | null = null;
  private failing: ((error: Error) => void) | null = null;

  [Symbol.asyncIterator]() {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      this.waiting = resolve;
      this.failing = reject;
    });
  }

  push(value: unknown): void {
    this.waiting?.({ done: false, value });
  }

  end(): void {
    this.waiting?.({ done: true, value: undefined });
  }

  break(): void {
    this.failing?.(new Error('socket closed'));
  }
}

function fakeClient() {
  const streams: FakeStream[] = [];
  const after: (string | null)[] = [];
  const client = {
    subscribe: (_operation: unknown, variables: { after: string | null }) => {
      after.push(variables.after);
      const stream = new FakeStream();
      streams.push(stream);
      return stream;
    },
    close: () => {
      streams.at(-1)?.end();
      return Promise.resolve();
    },
  } as unknown as GraphqlClient;
  return { client, streams, after };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('AlertListener', () => {
  it('hands over the alert of the report that is waited for, be it late or early', async () => {
    const { client, streams } = fakeClient();
    const listener = new AlertListener(client, 'churn');
    const waiting = listener.waitFor('report 2', 5_000);
    streams[0].push(event('1', 'report 1'));
    await turn();
    streams[0].push(event('2', 'report 2'));
    expect(await waiting).toMatchObject({ title: 'alert 2', change: 'RAISED', driftReportId: 'report 2' });
    expect(await listener.waitFor('report 1', 5_000)).toMatchObject({ title: 'alert 1' });
    expect(listener.received).toHaveLength(2);
    await listener.stop();
  });

  it('takes the subscription up again behind the last event when the connection breaks', async () => {
    const { client, streams, after } = fakeClient();
    const listener = new AlertListener(client, 'churn');
    streams[0].push(event('7', 'report 7'));
    await turn();
    streams[0].break();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(after).toEqual([null, '7']);
    streams[1].push(event('8', 'report 8'));
    expect(await listener.waitFor('report 8', 5_000)).toMatchObject({ title: 'alert 8' });
    await listener.stop();
  });

  it('says why an alert did not come', async () => {
    const { client, streams } = fakeClient();
    const listener = new AlertListener(client, 'churn');
    streams[0].break();
    await expect(listener.waitFor('report 1', 50)).rejects.toThrow(
      /did not reach the listener within 0\.05 s \(socket closed\)/,
    );
    await listener.stop();
  });
});
