interface Lane<Value> {
  readonly running: Promise<Value>;
  /** What requests share that came since the running one began; null: there is none. */
  next: Promise<Value> | null;
}

/**
 * Looks things up for requests that arrive together. A look-up that is under way may have read before a request came, so the request shares the next
 * one: it never gets a state that is older than itself, and a busy key costs one query at a time however many ask for it.
 */
export class SharedLookup<Value> {
  private readonly lanes = new Map<string, Lane<Value>>();

  /** @param read the same for the same key */
  get(key: string, read: () => Promise<Value>): Promise<Value> {
    const lane = this.lanes.get(key);
    if (!lane) return this.start(key, read);
    lane.next ??= settled(lane.running).then(() => this.start(key, read));
    return lane.next;
  }

  private start(key: string, read: () => Promise<Value>): Promise<Value> {
    const lane: Lane<Value> = { running: read(), next: null };
    this.lanes.set(key, lane);
    void settled(lane.running).then(() => {
      if (lane.next === null) this.lanes.delete(key);
    });
    return lane.running;
  }
}

const settled = (promise: Promise<unknown>): Promise<void> =>
  promise.then(
    () => undefined,
    () => undefined,
  );
