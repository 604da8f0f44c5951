import { InvalidInput } from '../../errors';

export type Tags = Record<string, string>;

/** How tags are to change: all of them replaced, or some set and some removed. */
export interface TagChanges {
  readonly tags?: Record<string, unknown> | null;
  readonly setTags?: Record<string, unknown> | null;
  readonly removeTags?: readonly string[] | null;
}

/** Tags as they may be stored. @throws InvalidInput naming the tag that is no text, or too long */
export function checkedTags(tags: Record<string, unknown>, field = 'tags'): Tags {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '' || key.length > 250)
      throw new InvalidInput(['input', field, key], 'a tag key has 1 to 250 characters');
    if (typeof value !== 'string' || value.length > 5000)
      throw new InvalidInput(['input', field, key], 'a tag value is a text of at most 5000 characters');
  }
  return tags as Tags;
}

/**
 * The tags after a change, or null where none is asked for. Removing a tag that is not there is no fault.
 * @throws InvalidInput for what cannot be stored, or when all are replaced and single ones changed at once
 */
export function changedTags(present: Tags, { tags, setTags, removeTags }: TagChanges): Tags | null {
  if (tags == null && setTags == null && removeTags == null) return null;
  if (tags != null && (setTags != null || removeTags != null))
    throw new InvalidInput(
      'input.tags',
      'replaces all tags; leave it out to change single ones with setTags and removeTags',
    );
  if (tags != null) return checkedTags(tags);
  const removed = new Set(removeTags ?? []);
  const kept = Object.entries(present).filter(([key]) => !removed.has(key));
  return { ...Object.fromEntries(kept), ...checkedTags(setTags ?? {}, 'setTags') };
}

/**
 * The tags of a new version: those that are given, and for required ones that are not, what the production version has; a retraining knows no better.
 * @throws InvalidInput naming the required tags that neither has
 */
export function tagsOfNewVersion(required: readonly string[], given: Tags, production: Tags): Tags {
  const inherited = required.filter((key) => production[key]).map((key) => [key, production[key]] as const);
  const tags = { ...Object.fromEntries(inherited), ...given };
  checkRequiredTags(required, tags);
  return tags;
}

/** @throws InvalidInput naming the tags that the model's policy asks of every version and that are missing or empty */
export function checkRequiredTags(required: readonly string[], tags: Tags): void {
  const missing = required.filter((key) => !tags[key]);
  if (missing.length > 0)
    throw new InvalidInput(
      'input.tags',
      `the model's policy asks for ${missing.map((key) => `"${key}"`).join(', ')}: give a value`,
    );
}
