import { Model, type ModelVersion } from '../../../src/entities';
import { NotFound } from '../../../src/errors';
import { OnnxModel } from '../../../src/services/onnx';
import { ScorerCache } from '../../../src/services/serving';
import type { Scorer } from '../../../src/services/serving/scorer';
import { linearVersion, MemoryArtifacts } from '../../support/linear-version';

const model = Object.assign(new Model(), { name: 'toy' });
const loads = jest.spyOn(OnnxModel, 'load');
const releases = jest.spyOn(OnnxModel.prototype, 'release');

let artifacts: MemoryArtifacts;
let cache: ScorerCache;
let versions: ModelVersion[];

beforeEach(async () => {
  artifacts = new MemoryArtifacts();
  cache = new ScorerCache(artifacts, 2);
  versions = await Promise.all([1, 2, 3].map((slope) => linearVersion(artifacts, slope)));
  loads.mockClear();
  releases.mockClear();
});
afterEach(() => cache.close());

const score = (version: ModelVersion) => cache.use(model, version, (scorer) => scorer.score({ x: 0 }));

describe('The cache of scorers', () => {
  it('loads a version once for requests that come together, and keeps it', async () => {
    const [version] = versions;
    await Promise.all([score(version), score(version), score(version)]);
    await score(version);
    expect(loads).toHaveBeenCalledTimes(1);
    expect(cache.has(version.id)).toBe(true);
  });

  it('gives up the version that was not used for longest, and frees it', async () => {
    const [a, b, c] = versions;
    await score(a);
    await score(b);
    await score(a);
    await score(c);
    expect(versions.map(({ id }) => cache.has(id))).toEqual([true, false, true]);
    expect(releases).toHaveBeenCalledTimes(1);
  });

  it('frees a version that it gives up only when its last user has ended', async () => {
    const [a, b, c] = versions;
    let resume = (): void => undefined;
    const paused = new Promise<void>((resolve) => (resume = resolve));
    const slow = cache.use(model, a, async (scorer: Scorer) => {
      await paused;
      return scorer.score({ x: 0 });
    });
    await score(b);
    await score(c);
    expect(cache.has(a.id)).toBe(false);
    expect(releases).not.toHaveBeenCalled();
    resume();
    await expect(slow).resolves.toBe(0.5);
    await new Promise((resolve) => setImmediate(resolve));
    expect(releases).toHaveBeenCalledTimes(1);
  });

  it('tries again to load a version that could not be loaded', async () => {
    const [version] = versions;
    const lost = { ...version, modelDigest: 'f'.repeat(64) };
    await expect(score(lost)).rejects.toThrow(NotFound);
    expect(cache.has(lost.id)).toBe(false);
    await expect(score(version)).resolves.toBe(0.5);
  });

  it('frees everything when it is closed', async () => {
    await Promise.all(versions.slice(0, 2).map(score));
    await cache.close();
    expect(releases).toHaveBeenCalledTimes(2);
  });
});
