import { SeededRandom } from '../../src/services/statistics';

/** Random numbers for a test that draws its moments: MOORING_TEST_SEED runs it again as it was, as far as processes can be made to. */
export function seededTest(name: string): SeededRandom {
  const seed = process.env.MOORING_TEST_SEED ?? String(Date.now() % 1_000_000);
  process.stdout.write(`${name}: MOORING_TEST_SEED=${seed}\n`);
  return new SeededRandom(`${name} ${seed}`);
}
