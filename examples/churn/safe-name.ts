/** The API takes 63 characters; the rest is for `n_` in front and a number behind. */
const LONGEST_NAME = 56;

/**
 * A name for a feature, `[a-z][a-z0-9_]*`, from the name of a column: customerID → customer_id, "Monthly Charges ($)" → monthly_charges,
 * Größe → grosse. Null where nothing is left of it (a name in another script, say).
 */
export function safeName(column: string): string | null {
  const name = column
    .replace(/ß/g, 'ss')
    // Decomposed, an accent is a character of its own, which the next steps drop.
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST_NAME)
    .replace(/_+$/, '');
  if (name === '') return null;
  return /^[a-z]/.test(name) ? name : `n_${name}`;
}

/** What the names of a run begin with: the views', the model's. Short enough for what follows it. */
export const namePrefix = (name: string): string | null => safeName(name)?.slice(0, 48).replace(/_+$/, '') ?? null;
