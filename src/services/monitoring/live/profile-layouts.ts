import type { DataSource } from 'typeorm';
import { ModelVersion } from '../../../entities';
import type { ArtifactStore } from '../../artifacts';
import { parseReferenceProfile } from '../../training';
import { ProfileLayout } from './profile-layout';

const MAX_KEPT = 64;

/** The layouts of versions, the most recently used last. A version's profile never changes, so nothing here grows stale. */
export class ProfileLayouts {
  private readonly kept = new Map<string, Promise<ProfileLayout | null>>();

  constructor(
    private readonly deps: { readonly dataSource: DataSource; readonly artifacts: Pick<ArtifactStore, 'get'> },
  ) {}

  /**
   * @returns null for a version that has no reference profile
   * @throws NotFound, InvalidInput when the profile cannot be read; it is tried again when it is next asked for
   */
  get(modelVersionId: string): Promise<ProfileLayout | null> {
    const layout = this.kept.get(modelVersionId) ?? this.load(modelVersionId);
    this.kept.delete(modelVersionId);
    this.kept.set(modelVersionId, layout);
    if (this.kept.size > MAX_KEPT) this.kept.delete([...this.kept.keys()][0]);
    return layout;
  }

  private load(modelVersionId: string): Promise<ProfileLayout | null> {
    const layout = this.read(modelVersionId);
    layout.catch(() => {
      if (this.kept.get(modelVersionId) === layout) this.kept.delete(modelVersionId);
    });
    return layout;
  }

  private async read(modelVersionId: string): Promise<ProfileLayout | null> {
    const version = await this.deps.dataSource.manager.findOneByOrFail(ModelVersion, { id: modelVersionId });
    if (version.referenceProfileDigest === null) return null;
    const profile = parseReferenceProfile(await this.deps.artifacts.get(version.referenceProfileDigest));
    return new ProfileLayout(profile, version.signature);
  }
}
