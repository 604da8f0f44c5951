interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the items that one turn of the event loop brought, of whatever requests, and asks for them together. A turn costs no time, where a timer
 * would add its delay to every answer.
 */
export class TurnBatch<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];

  /**
   * @param ask one result per item, in order; when it rejects, all its items are rejected
   * @param maxItems more go into several calls
   */
  constructor(
    private readonly ask: (items: readonly Item[]) => Promise<ArrayLike<Result>>,
    private readonly maxItems = Infinity,
  ) {}

  add(item: Item): Promise<Result> {
    if (this.waiting.length === 0) setImmediate(() => this.askForAll());
    return new Promise((resolve, reject) => this.waiting.push({ item, resolve, reject }));
  }

  private askForAll(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let start = 0; start < all.length; start += this.maxItems)
      void this.askFor(all.slice(start, start + this.maxItems));
  }

  private async askFor(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.ask(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => {
        resolve(results[index]);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
