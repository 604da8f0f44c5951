import { InvalidInput } from '../../../errors';

/** What says something about a definition and is no part of it. */
export interface Metadata {
  readonly description: string;
  readonly owner: string;
  readonly tags: Record<string, string>;
}

/** Absent or null: it stays as it is. */
export interface MetadataInput {
  readonly description?: string | null;
  readonly owner?: string | null;
  readonly tags?: Readonly<Record<string, unknown>> | null;
}

/** @throws InvalidInput for tags whose values are not texts */
export function mergeMetadata(input: MetadataInput, current: Metadata): Metadata {
  return {
    description: input.description ?? current.description,
    owner: input.owner ?? current.owner,
    tags: input.tags ? checkedTags(input.tags) : current.tags,
  };
}

export const newMetadata = (actor: string): Metadata => ({ description: '', owner: actor, tags: {} });

function checkedTags(tags: Readonly<Record<string, unknown>>): Record<string, string> {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '' || key.length > 250)
      throw new InvalidInput(['input', 'tags', key], 'a tag key has 1 to 250 characters');
    if (typeof value !== 'string' || value.length > 5000)
      throw new InvalidInput(['input', 'tags', key], 'a tag value is a text of at most 5000 characters');
  }
  return { ...tags } as Record<string, string>;
}
