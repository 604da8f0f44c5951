import type { EntityManager } from 'typeorm';
import { checkedCron, type JobSchedules } from '../../jobs';

/** What is done with a view by the clock, by its name in the input, with the kind of its jobs. */
const KINDS = { materializationSchedule: 'MATERIALIZATION', qualitySchedule: 'FEATURE_QUALITY' } as const;
type ScheduleName = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as ScheduleName[];

export interface ViewSchedulesInput {
  /** Absent: it stays as it is; null: none. */
  readonly materializationSchedule?: string | null;
  readonly qualitySchedule?: string | null;
}

/** The schedules as they are kept. @throws InvalidInput */
export function checkedSchedules(input: ViewSchedulesInput): ViewSchedulesInput {
  return Object.fromEntries(
    NAMES.map((name) => {
      const cron = input[name];
      return [name, typeof cron === 'string' ? checkedCron(cron, ['input', name]) : cron];
    }),
  );
}

/** Those of the wanted ones that differ from what is set. */
export async function changedSchedules(
  manager: EntityManager,
  schedules: JobSchedules,
  viewId: string,
  wanted: ViewSchedulesInput,
): Promise<ViewSchedulesInput> {
  const changed: { -readonly [N in ScheduleName]?: string | null } = {};
  for (const name of NAMES) {
    const cron = wanted[name];
    if (cron === undefined) continue;
    const [former] = await schedules.find(KINDS[name], [`FeatureView:${viewId}`], manager);
    if ((former?.cron ?? null) !== cron) changed[name] = cron;
  }
  return changed;
}

/** Sets what changed, in the caller's transaction. */
export async function setSchedules(
  manager: EntityManager,
  schedules: JobSchedules,
  viewId: string,
  changed: ViewSchedulesInput,
): Promise<void> {
  const subject = `FeatureView:${viewId}`;
  for (const name of NAMES) {
    const cron = changed[name];
    if (cron !== undefined) await schedules.set(manager, { kind: KINDS[name], subject }, cron);
  }
}
