import type { DataSource } from 'typeorm';
import { ONLINE_OUTCOMES, type OnlineOutcome } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { currentSchema, type ViewSchema } from '../definitions/view-schema';
import { lastSequence, readingAgain, rowsThrough } from '../ingest/manifest';
import type { EntityChoice, EntitySample, OfflineStore, ViewRows, Work } from '../offline/offline-store';
import { entityOfKey } from '../rows/entity-key';
import type { FeatureRowInput } from '../rows/feature-value';
import { formatTimestamp } from '../rows/timestamp-text';
import type { MaterializationService } from './materialization.service';
import { judgeEntity, type VersionedRow } from './online-consistency.policy';
import type { OnlineStore } from './online-store';

export interface ConsistencyExample {
  readonly outcome: OnlineOutcome;
  readonly entity: FeatureRowInput;
  readonly offlineEventTimestamp: string | null;
  readonly onlineEventTimestamp: string | null;
  readonly differingFields: readonly string[];
}

/** What a sample of a view's entities has online, held against what it should have. */
export interface ConsistencyReport {
  readonly viewVersionId: string;
  readonly sampledCount: number;
  readonly counts: Readonly<Record<OnlineOutcome, number>>;
  /** Of the last materialization into this store; null where there was none. */
  readonly materializedThrough: Date | null;
  readonly examples: readonly ConsistencyExample[];
}

const MAX_SAMPLE = 10_000;
const MAX_EXAMPLES = 20;

/** Compares the online store with the offline one. */
export class OnlineConsistency {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly offline: OfflineStore;
      readonly online: OnlineStore;
      readonly materialization: Pick<MaterializationService, 'find'>;
    },
  ) {}

  /**
   * Watermark, then online rows, then offline rows: so what goes on meanwhile, ingests and materializations, is never taken for a fault.
   * @param sample how many entities are looked at, at most
   * @param seed other seeds choose other entities
   * @throws InvalidInput, NotFound, Cancelled
   */
  async check(view: string, sample: number, seed: number, work: Work): Promise<ConsistencyReport> {
    if (!Number.isInteger(sample) || sample < 1 || sample > MAX_SAMPLE)
      throw new InvalidInput('sample', `${sample} is out of range; expected 1 to ${MAX_SAMPLE}`);
    const { dataSource } = this.deps;
    const schema = await currentSchema(dataSource, view, ['view']);
    return readingAgain(
      async () => rowsThrough(dataSource, schema, await lastSequence(dataSource)),
      (rows) => this.compare(schema, rows, { count: sample, seed }, work),
    );
  }

  private async compare(
    schema: ViewSchema,
    rows: ViewRows,
    choice: EntityChoice,
    work: Work,
  ): Promise<ConsistencyReport> {
    const { dataSource, offline, online, materialization } = this.deps;
    const storeId = await online.id();
    const [found] = await materialization.find([schema.viewVersionId]);
    const mark = found?.storeId === storeId ? found : null;
    return offline.sampleEntities(rows, choice, work, async (chosen) => {
      const { entityKeys } = chosen;
      const stored = await online.inspect(schema, entityKeys);
      const newest = await this.latestOf(schema, chosen, await lastSequence(dataSource), new Date());
      const covered = mark
        ? await this.latestOf(schema, chosen, mark.watermark, mark.materializedAt)
        : new Map<string, VersionedRow>();
      const counts = Object.fromEntries(ONLINE_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
        OnlineOutcome,
        number
      >;
      const examples: ConsistencyExample[] = [];
      entityKeys.forEach((key, index) => {
        const rowsOfEntity = {
          covered: covered.get(key) ?? null,
          newest: newest.get(key) ?? null,
          online: stored[index],
        };
        const { outcome, offline: expected, differing } = judgeEntity(rowsOfEntity);
        counts[outcome]++;
        if (outcome === 'EQUAL') return;
        examples.push({
          outcome,
          entity: entityOfKey(schema.joinKeys, key),
          offlineEventTimestamp: timeOf(expected),
          onlineEventTimestamp: timeOf(stored[index]),
          differingFields: differing.map((place) => schema.fields[place].name),
        });
      });
      return {
        viewVersionId: schema.viewVersionId,
        sampledCount: entityKeys.length,
        counts,
        materializedThrough: mark?.materializedAt ?? null,
        examples: [...examples.filter(isFault), ...examples.filter((one) => !isFault(one))].slice(0, MAX_EXAMPLES),
      };
    });
  }

  private async latestOf(
    schema: ViewSchema,
    sample: EntitySample,
    throughSequence: number,
    dueThrough: Date,
  ): Promise<Map<string, VersionedRow>> {
    const rows = await rowsThrough(this.deps.dataSource, schema, throughSequence);
    const found = new Map<string, VersionedRow>();
    await sample.latest(rows, { dueThrough, seen: null }, async ({ pages }) => {
      for await (const { entityKeys, eventMicros, createdMicros, ingestSequences, values } of pages) {
        entityKeys.forEach((key, index) =>
          found.set(key, {
            eventMicros: eventMicros[index],
            createdMicros: createdMicros[index],
            ingestSequence: ingestSequences[index],
            values: values[index],
          }),
        );
      }
    });
    return found;
  }
}

/** PENDING explains itself, and is shown behind what does not. */
const isFault = ({ outcome }: ConsistencyExample): boolean => outcome !== 'PENDING';
const timeOf = (row: VersionedRow | null): string | null => row && formatTimestamp(row.eventMicros);
