/** The lengths of time over which predictions are counted together. */
export type ProfileGrain = 'MINUTE' | 'HOUR' | 'DAY';

const GRAIN_MS: Readonly<Record<ProfileGrain, number>> = { MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };

/** How long a grain is kept before it is merged into the next: minutes for two days, hours for five weeks, days for ever. */
const KEPT_MS = { MINUTE: 2 * GRAIN_MS.DAY, HOUR: 35 * GRAIN_MS.DAY } as const;

/** The start, in UTC, of the minute, hour or day that a moment lies in. */
export const startOf = (grain: ProfileGrain, moment: Date): Date =>
  new Date(Math.floor(moment.getTime() / GRAIN_MS[grain]) * GRAIN_MS[grain]);

/** The next moment, from this one on, at which a minute begins. */
export const nextMinute = (moment: Date): Date =>
  new Date(Math.ceil(moment.getTime() / GRAIN_MS.MINUTE) * GRAIN_MS.MINUTE);

/** What a grain is merged into, and the moment before which it is. Only whole hours and days are merged, so that no two grains share one. */
export function mergeOf(grain: 'MINUTE' | 'HOUR', now: Date): { readonly into: ProfileGrain; readonly before: Date } {
  const into = grain === 'MINUTE' ? 'HOUR' : 'DAY';
  return { into, before: startOf(into, new Date(now.getTime() - KEPT_MS[grain])) };
}
