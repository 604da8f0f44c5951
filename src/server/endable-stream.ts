/**
 * Another iterator's values, each mapped, that can be ended from outside: with an error while the source is silent (shutdown), or by whoever
 * iterates. Not a generator, since a generator that waits inside `next` cannot be returned from.
 */
export class EndableStream<T, R> implements AsyncIterableIterator<R> {
  private ended = false;
  private rejectNext: ((error: Error) => void) | null = null;
  private error: Error | null = null;

  /** @param onEnd called once, however it ends */
  constructor(
    private readonly source: AsyncIterator<T>,
    private readonly map: (value: T) => R | PromiseLike<R>,
    private readonly onEnd: () => void,
  ) {}

  next(): Promise<IteratorResult<R, undefined>> {
    if (this.error) {
      const { error } = this;
      this.error = null;
      return Promise.reject(error);
    }
    if (this.ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.rejectNext = reject;
      this.take().then(resolve, reject);
    });
  }

  /** Ends it: the next value, or the one that is being waited for, is this error. */
  fail(error: Error): void {
    if (this.ended) return;
    if (this.rejectNext) this.rejectNext(error);
    else this.error = error;
    this.end();
    // Whoever listens has been told how it ended; how the source takes it is nobody's concern any more.
    this.source.return?.().catch(() => undefined);
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    this.error = null;
    this.end();
    await this.source.return?.();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<R, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async take(): Promise<IteratorResult<R, undefined>> {
    try {
      const { value, done } = (await this.source.next()) as IteratorResult<T, undefined>;
      if (!done && !this.ended) return { value: await this.map(value), done: false };
    } catch (error) {
      this.end();
      throw error;
    } finally {
      this.rejectNext = null;
    }
    this.end();
    return { value: undefined, done: true };
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
  }
}
