import fc from 'fast-check';
import { SharedLookup } from '../../../src/services/serving/shared-lookup';

/** A store whose state grows, and whose reads see it as it is when they begin and end when they are told to. */
function storeUnderTest() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const store = { state: 0, ends, read: () => readNow() };
  const readNow = () => {
    const seen = store.state;
    return new Promise<number>((resolve, reject) => ends.push({ resolve: () => resolve(seen), reject }));
  };
  return store;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('A shared lookup', () => {
  it('is shared by all that ask while another one is under way, and by those only', async () => {
    const store = storeUnderTest();
    const lookup = new SharedLookup<number>();
    const first = lookup.get('a', store.read);
    store.state = 1;
    const later = [lookup.get('a', store.read), lookup.get('a', store.read), lookup.get('a', store.read)];
    expect(store.ends).toHaveLength(1);
    store.ends[0]?.resolve();
    expect(await first).toBe(0);
    await turn();
    expect(store.ends).toHaveLength(2);
    store.ends[1]?.resolve();
    expect(await Promise.all(later)).toEqual([1, 1, 1]);
  });

  it('of one key does not wait for that of another', async () => {
    const store = storeUnderTest();
    const lookup = new SharedLookup<number>();
    const answers = [lookup.get('a', store.read), lookup.get('b', store.read)];
    expect(store.ends).toHaveLength(2);
    for (const { resolve } of store.ends) resolve();
    expect(await Promise.all(answers)).toEqual([0, 0]);
  });

  it('that fails is told to those who share it; the next one is another', async () => {
    const store = storeUnderTest();
    const lookup = new SharedLookup<number>();
    const failing = lookup.get('a', store.read);
    const next = lookup.get('a', store.read);
    store.ends[0]?.reject(new Error('connection lost'));
    await expect(failing).rejects.toThrow('connection lost');
    await turn();
    store.ends[1]?.resolve();
    expect(await next).toBe(0);
    const afterwards = lookup.get('a', store.read);
    store.ends[2]?.resolve();
    expect(await afterwards).toBe(0);
  });

  it('never answers with a state that is older than the question, whatever happens in which order', async () => {
    const steps = fc.array(fc.constantFrom('ask', 'change', 'end', 'turn'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const store = storeUnderTest();
        const lookup = new SharedLookup<number>();
        const asked: { at: number; answer: Promise<number> }[] = [];
        for (const step of sequence) {
          if (step === 'ask') asked.push({ at: store.state, answer: lookup.get('a', store.read) });
          else if (step === 'change') store.state++;
          else if (step === 'end') store.ends.shift()?.resolve();
          else await turn();
        }
        let open = asked.length;
        for (const { answer } of asked) void answer.finally(() => open--);
        while (open > 0) {
          store.ends.shift()?.resolve();
          await turn();
        }
        for (const { at, answer } of asked) expect(await answer).toBeGreaterThanOrEqual(at);
      }),
      { numRuns: 200 },
    );
  });
});
