import type { Model, ModelVersion } from '../../entities';
import type { ArtifactStore } from '../artifacts';
import { Scorer } from './scorer';

interface Entry {
  readonly scorer: Promise<Scorer>;
  users: number;
  evicted: boolean;
}

const MAX_LOADED = 16;

/** Loaded versions, the most recently used last. A version never changes once registered, so nothing here grows stale. */
export class ScorerCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly maxLoaded = MAX_LOADED,
  ) {}

  /**
   * Works with a version's scorer, which stays in memory until the work has ended. It is loaded unless it is there; requests that come together
   * share one load.
   * @throws NotServable
   */
  async use<T>(model: Model, version: ModelVersion, work: (scorer: Scorer) => Promise<T>): Promise<T> {
    const entry = this.entries.get(version.id) ?? this.load(model, version);
    this.entries.delete(version.id);
    this.entries.set(version.id, entry);
    entry.users++;
    try {
      return await work(await entry.scorer);
    } finally {
      entry.users--;
      void releaseUnused(entry);
    }
  }

  has(versionId: string): boolean {
    return this.entries.has(versionId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.entries.keys()].map((versionId) => this.evict(versionId)));
  }

  private load(model: Model, version: ModelVersion): Entry {
    const scorer = Scorer.load(version, `${model.name} ${version.version}`, this.artifacts);
    const entry = { scorer, users: 0, evicted: false };
    // A failed load is not kept: the bytes may be restored.
    scorer.catch(() => {
      if (this.entries.get(version.id) === entry) this.entries.delete(version.id);
    });
    if (this.entries.size >= this.maxLoaded) {
      const [oldest] = this.entries.keys();
      void this.evict(oldest);
    }
    return entry;
  }

  private async evict(versionId: string): Promise<void> {
    const entry = this.entries.get(versionId);
    if (!entry) return;
    this.entries.delete(versionId);
    entry.evicted = true;
    await releaseUnused(entry);
  }
}

/** An evicted scorer goes with its last user. */
async function releaseUnused({ scorer, users, evicted }: Entry): Promise<void> {
  if (!evicted || users > 0) return;
  // One that did not load holds nothing.
  const loaded = await scorer.catch(() => null);
  await loaded?.release();
}
