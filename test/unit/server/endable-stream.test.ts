import { EndableStream } from '../../../src/server/endable-stream';

/** A source that gives what it is told to, when it is told to. */
function manualSource<T>() {
  const waiting: ((result: IteratorResult<T>) => void)[] = [];
  return {
    give: (value: T) => waiting.shift()?.({ value, done: false }),
    end: () => waiting.shift()?.({ value: undefined, done: true }),
    returned: 0,
    next: () => new Promise<IteratorResult<T>>((resolve) => waiting.push(resolve)),
    return(): Promise<IteratorResult<T>> {
      this.returned += 1;
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

function open() {
  const source = manualSource<number>();
  const onEnd = jest.fn();
  return { source, onEnd, stream: new EndableStream(source, async (value) => value * 2, onEnd) };
}

describe('EndableStream', () => {
  it('hands on each value, mapped', async () => {
    const { source, stream } = open();
    const next = stream.next();
    source.give(21);
    await expect(next).resolves.toEqual({ value: 42, done: false });
  });

  it('ends a reader that waits, with the error', async () => {
    const { source, stream, onEnd } = open();
    const next = stream.next();
    stream.fail(new Error('going down'));
    await expect(next).rejects.toThrow('going down');
    expect(source.returned).toBe(1);
    expect(onEnd).toHaveBeenCalledTimes(1);
    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('tells a reader that is busy the error when it comes back', async () => {
    const { stream } = open();
    stream.fail(new Error('going down'));
    await expect(stream.next()).rejects.toThrow('going down');
    await expect(stream.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('lets go at once when returned from while it waits', async () => {
    const { source, stream, onEnd } = open();
    void stream.next();
    await expect(stream.return()).resolves.toEqual({ value: undefined, done: true });
    expect(source.returned).toBe(1);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('ends with its source', async () => {
    const { source, stream, onEnd } = open();
    const next = stream.next();
    source.end();
    await expect(next).resolves.toEqual({ value: undefined, done: true });
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('ends with an error of its source, and counts as ended once', async () => {
    const onEnd = jest.fn();
    const stream = new EndableStream({ next: () => Promise.reject(new Error('lost')) }, (value) => value, onEnd);
    await expect(stream.next()).rejects.toThrow('lost');
    stream.fail(new Error('going down'));
    expect(onEnd).toHaveBeenCalledTimes(1);
  });
});
