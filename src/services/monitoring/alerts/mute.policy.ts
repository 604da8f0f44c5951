import type { AlertKind, UnannouncedChange } from '../../../entities';
import type { AlertChange } from '../../events';

export interface MuteWindow {
  /** null: all kinds. */
  readonly kinds: readonly AlertKind[] | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Whether alerts of the kind are muted at a moment: a mute holds from its start, and no longer at its end. */
export const isMuted = (mutes: readonly MuteWindow[], kind: AlertKind, at: Date): boolean =>
  mutes.some(
    ({ kinds, startsAt, endsAt }) => startsAt <= at && at < endsAt && (kinds === null || kinds.includes(kind)),
  );

export interface Announcement {
  /** What listeners are told; null: nothing. */
  readonly told: AlertChange | null;
  /** What is still to be told. */
  readonly unannounced: UnannouncedChange | null;
}

/**
 * What listeners are told of a change that a rule makes of an alert. They never hear of one that was raised or reopened under a mute, until it comes
 * again, or is still there, when the mute has ended: then they hear that it was raised, or reopened. That it was resolved they hear under a mute too,
 * if they believe that it is open.
 * @param unannounced what was not told of it so far
 */
export function announce(
  change: Exclude<AlertChange, 'ACKNOWLEDGED'>,
  unannounced: UnannouncedChange | null,
  muted: boolean,
): Announcement {
  switch (change) {
    case 'RAISED':
    case 'REOPENED': {
      // One that was raised, resolved and reopened under one mute is new to listeners.
      const news = unannounced === 'RAISED' ? 'RAISED' : change;
      return muted ? { told: null, unannounced: news } : { told: news, unannounced: null };
    }
    case 'RECURRED':
      return muted ? { told: null, unannounced } : { told: unannounced ?? 'RECURRED', unannounced: null };
    case 'RESOLVED':
      return unannounced === null ? { told: 'RESOLVED', unannounced: null } : { told: null, unannounced };
  }
}
