import type { FeatureValue } from '../../../src/entities';
import { judgeEntity, type VersionedRow } from '../../../src/services/features/online/online-consistency.policy';

const row = (event: number, created: number | null = null, sequence = 1, ...values: FeatureValue[]): VersionedRow => ({
  eventMicros: BigInt(event),
  createdMicros: created === null ? null : BigInt(created),
  ingestSequence: sequence,
  values: values.length > 0 ? values : [event, null],
});

test.each([
  ['EQUAL', row(5), row(5), row(5)],
  ['EQUAL, ahead of the watermark', row(5), row(6), row(6)],
  ['EQUAL, before the first watermark', null, row(6), row(6)],
  ['EQUAL, list by list', row(5, 1, 1, [1, 2], []), row(5, 1, 1, [1, 2], []), row(5, 1, 1, [1, 2], [])],
  ['DIFFERENT, in an element', row(5, 1, 1, [1, 2]), row(5, 1, 1, [1, 2]), row(5, 1, 1, [1, 3])],
  ['DIFFERENT, in the length of a list', row(5, 1, 1, [1]), row(5, 1, 1, [1]), row(5, 1, 1, [1, 1])],
  ['PENDING', row(5), row(6), row(5)],
  ['PENDING, before the first materialization', null, row(6), null],
  ['PENDING, between two runs', row(5), row(7), row(6)],
  ['PENDING, as nothing is due', null, null, null],
  ['MISSING', row(5), row(5), null],
  ['MISSING, whatever is newer', row(5), row(6), null],
  ['STALE', row(5), row(5), row(4)],
  ['STALE, by creation', row(5, 3), row(5, 3), row(5, 2)],
  ['STALE, by a creation that is not known', row(5, -3), row(5, -3), row(5)],
  ['STALE, by batch', row(5, 3, 2), row(5, 3, 2), row(5, 3, 1)],
  ['DIFFERENT', row(5, 1, 1, 1, 2), row(5, 1, 1, 1, 2), row(5, 1, 1, 1, 3)],
  ['DIFFERENT, whatever is newer', row(5, 1, 1, 1, 2), row(6), row(5, 1, 1, null, 2)],
  ['UNEXPECTED', row(5), row(5), row(6)],
  ['UNEXPECTED, where all is gone', null, null, row(6)],
])('%s', (expected, covered, newest, online) => {
  expect(judgeEntity({ covered, newest, online }).outcome).toBe(expected.split(',')[0]);
});

test('of a row with other values the places are told', () => {
  const offline = row(5, 1, 1, 1, 2, null);
  const { differing } = judgeEntity({ covered: offline, newest: offline, online: row(5, 1, 1, 1, 9, 0) });
  expect(differing).toEqual([1, 2]);
});
