import type { GraphqlClient } from '../graphql-client';
import { DRIFT_ALERTS, type AlertEvent } from '../operations/monitoring';

export interface ReceivedAlert {
  readonly change: AlertEvent['event']['change'];
  readonly title: string;
  readonly severity: string;
  readonly causes: readonly string[];
  readonly driftReportId: string | null;
  readonly receivedAt: string;
}

const RECONNECT_MS = 500;

/** Holds a subscription on the drift alerts of a model open, and takes it up again behind the last event when the connection breaks. */
export class AlertListener {
  readonly received: ReceivedAlert[] = [];
  private cursor: string | null = null;
  private stopped = false;
  private lastError: unknown = null;
  private readonly listening: Promise<void>;
  private wake: () => void = () => undefined;

  constructor(
    private readonly client: GraphqlClient,
    private readonly model: string,
  ) {
    this.listening = this.listen();
  }

  /** The alert that this report has raised. @throws Error when it does not arrive in time */
  async waitFor(driftReportId: string, timeoutMs: number): Promise<ReceivedAlert> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const alert = this.received.find((candidate) => candidate.driftReportId === driftReportId);
      if (alert) return alert;
      const left = deadline - Date.now();
      if (left <= 0) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const reason = this.lastError instanceof Error ? ` (${this.lastError.message})` : '';
    throw new Error(`the alert did not reach the listener within ${timeoutMs / 1_000} s${reason}`);
  }

  /** Ends listening; the client's connection is closed with it. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.client.close();
    await this.listening;
  }

  private async listen(): Promise<void> {
    while (!this.stopped) {
      try {
        for await (const { driftAlerts } of this.client.subscribe(DRIFT_ALERTS, {
          model: this.model,
          after: this.cursor,
        }))
          this.take(driftAlerts);
      } catch (error) {
        this.lastError = error;
      }
      if (!this.stopped) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  private take({ cursor, event: { change, alert } }: AlertEvent): void {
    this.cursor = cursor;
    const { title, severity, causes } = alert;
    const driftReportId = alert.driftReport?.id ?? null;
    this.received.push({ change, title, severity, causes, driftReportId, receivedAt: new Date().toISOString() });
    this.wake();
  }
}
