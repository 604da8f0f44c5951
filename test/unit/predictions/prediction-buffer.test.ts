import { setTimeout as sleep } from 'node:timers/promises';
import { QueryFailedError } from 'typeorm';
import type { Prediction } from '../../../src/entities';
import { Overloaded } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import { PredictionBuffer } from '../../../src/services/predictions/prediction-buffer';
import { until } from '../../support/until';

const rows = (...ids: string[]) => ids.map((id) => ({ id }) as Prediction);
const many = (count: number, name = 'row') => rows(...Array.from({ length: count }, (_, index) => `${name}${index}`));
const dataFault = () => new QueryFailedError('INSERT', [], Object.assign(new Error('bad'), { code: '22P05' }));

/** A store that fails as it is told, and what the observer heard. */
function fixture({ bufferRows = 2000, flushMs = 20 } = {}) {
  const stored: string[] = [];
  const writes: string[][] = [];
  const failures: ((ids: readonly string[]) => Error | 'COMMITTED' | null)[] = [];
  const told = { buffered: 0, most: 0, lost: 0 };
  const store = {
    async write(some: readonly Prediction[]) {
      await sleep(1);
      const ids = some.map(({ id }) => id);
      writes.push(ids);
      const failure = failures[0]?.(ids) ?? null;
      if (failure === 'COMMITTED') failures.shift();
      if (failure === null || failure === 'COMMITTED') stored.push(...ids);
      if (failure !== null) throw failure === 'COMMITTED' ? new Error('connection lost') : failure;
    },
    unwritten: (some: readonly Prediction[]) => Promise.resolve(some.filter(({ id }) => !stored.includes(id))),
  };
  const buffer = new PredictionBuffer(store, {
    bufferRows,
    flushMs,
    logger: createLogger('silent'),
    observer: {
      predictionsBuffered: (count) => {
        told.buffered = count;
        told.most = Math.max(told.most, count);
      },
      predictionsLost: (count) => (told.lost += count),
    },
  });
  return { buffer, stored, writes, failures, told };
}

describe('The buffer of the fast log', () => {
  it('writes what waits together, after the time that was set', async () => {
    const { buffer, writes, told } = fixture({ flushMs: 200 });
    buffer.add(rows('a'));
    buffer.add(rows('b', 'c'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toEqual([]);
    await until('rows in the store', () => told.buffered === 0);
    expect(writes).toEqual([['a', 'b', 'c']]);
    expect(told).toEqual({ buffered: 0, most: 3, lost: 0 });
  });

  it('does not wait once a whole statement is there', async () => {
    const { buffer, writes } = fixture({ flushMs: 60_000 });
    buffer.add(many(1000));
    await until('rows in the store', () => writes.length > 0);
    expect(writes.map((ids) => ids.length)).toEqual([1000]);
  });

  it('writes what comes during a write, also in the moment in which that ends', async () => {
    const { buffer, stored } = fixture({ flushMs: 1 });
    for (let index = 0; index < 300; index++) {
      buffer.add(rows(`r${index}`));
      if (index % 3 === 0) await sleep(1);
      else for (let turn = 0; turn < index % 7; turn++) await Promise.resolve();
    }
    await until('all rows in the store', () => stored.length === 300);
    expect(new Set(stored).size).toBe(300);
  });

  it('refuses more than it may lose, whole requests, and takes them again when there is room', async () => {
    const { buffer, told, stored } = fixture({ bufferRows: 1000, flushMs: 20 });
    buffer.add(many(999));
    expect(() => buffer.add(rows('x', 'y'))).toThrow(Overloaded);
    buffer.add(rows('x'));
    expect(told.most).toBe(1000);
    await buffer.close();
    buffer.add(rows('y'));
    await buffer.close();
    expect(stored).toHaveLength(1001);
  });

  it('keeps its rows while the database is away, within the bound, and writes each once when it is back', async () => {
    const { buffer, failures, stored, told } = fixture({ bufferRows: 1000 });
    failures.push(() => new Error('connection refused'));
    buffer.add(many(600, 'a'));
    await sleep(120);
    expect(() => buffer.add(many(500, 'b'))).toThrow(Overloaded);
    buffer.add(many(400, 'c'));
    failures.length = 0;
    await buffer.close();
    expect(new Set(stored).size).toBe(1000);
    expect(stored).toHaveLength(1000);
    expect(told).toEqual({ buffered: 0, most: 1000, lost: 0 });
  });

  it('does not write again what was committed though its answer was lost', async () => {
    const { buffer, failures, stored, told } = fixture();
    failures.push(() => 'COMMITTED');
    buffer.add(rows('a', 'b'));
    await buffer.close();
    expect(stored).toEqual(['a', 'b']);
    expect(told.lost).toBe(0);
  });

  it('loses the request whose rows are refused, alone, and counts its rows', async () => {
    const { buffer, failures, stored, told } = fixture();
    failures.push((ids) => (ids.includes('bad') ? dataFault() : null));
    buffer.add(rows('a'));
    buffer.add(rows('b', 'bad'));
    buffer.add(rows('c'));
    await buffer.close();
    expect(stored).toEqual(['a', 'c']);
    expect(told).toEqual({ buffered: 0, most: 4, lost: 2 });
  });

  it('gives a database that stays away up at the end, and counts all rows', async () => {
    const { buffer, failures, told } = fixture();
    failures.push(() => new Error('connection refused'));
    buffer.add(many(7));
    const startedAt = Date.now();
    await buffer.close();
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(told).toEqual({ buffered: 0, most: 7, lost: 7 });
  }, 20_000);
});
