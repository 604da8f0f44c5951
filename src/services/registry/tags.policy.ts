import { InvalidInput } from '../../errors';

/** Tags as they may be stored. @throws InvalidInput naming the tag that is no text, or too long */
export function checkedTags(tags: Record<string, unknown>): Record<string, string> {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '' || key.length > 250)
      throw new InvalidInput(['input', 'tags', key], 'a tag key has 1 to 250 characters');
    if (typeof value !== 'string' || value.length > 5000)
      throw new InvalidInput(['input', 'tags', key], 'a tag value is a text of at most 5000 characters');
  }
  return tags as Record<string, string>;
}
