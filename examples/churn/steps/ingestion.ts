import type { GraphqlClient } from '../graphql-client';
import { FEATURE_VIEW, INGEST } from '../operations/features';
import type { StepReport } from '../progress';
import type { IngestBatch, Story } from '../story';
import { sourceKey } from './step-context';

/**
 * Sends the rows of a story. A story tells its rows in the same order in every run, and a batch is kept whole or not at all: so the count of rows
 * that a view holds says which ones an earlier run has sent, and this one goes on behind them.
 */
export class Ingestion {
  private constructor(
    private readonly client: GraphqlClient,
    private readonly story: Story,
    /** Rows that the server held when this run began, by view. */
    private readonly heldRows: ReadonlyMap<string, number>,
    /** Rows that the story has told so far, by view. */
    private readonly toldRows = new Map<string, number>(),
  ) {}

  static async begin(client: GraphqlClient, story: Story): Promise<Ingestion> {
    const heldRows = new Map<string, number>();
    for (const { name } of [...story.featureViews, story.labelView]) {
      const { featureView } = await client.query(FEATURE_VIEW, { name });
      heldRows.set(name, featureView?.rowCount ?? 0);
    }
    return new Ingestion(client, story, heldRows);
  }

  /** Whether the server had more labels than the story has told so far: an earlier run has gone further. */
  get isAhead(): boolean {
    const view = this.story.labelView.name;
    return (this.heldRows.get(view) ?? 0) > (this.toldRows.get(view) ?? 0);
  }

  async send(batches: Iterable<IngestBatch>, approximateRows: number, report: StepReport): Promise<void> {
    let passed = 0;
    let sent = 0;
    for (const { view, rows } of batches) {
      const offset = this.toldRows.get(view) ?? 0;
      const missing = rows.slice(Math.max(0, (this.heldRows.get(view) ?? 0) - offset));
      this.toldRows.set(view, offset + rows.length);
      if (missing.length > 0) {
        const idempotencyKey = `${sourceKey(this.story)}:${view}:${offset + rows.length - missing.length}`;
        await this.client.mutate(INGEST, { input: { view, rows: missing, idempotencyKey } });
      }
      passed += rows.length;
      sent += missing.length;
      report.progress(Math.min(1, passed / approximateRows), `${passed.toLocaleString('en')} rows`);
    }
    const before = passed - sent;
    report.result(
      `${sent.toLocaleString('en')} rows${before === 0 ? '' : `; ${before.toLocaleString('en')} were there already`}`,
    );
  }
}
