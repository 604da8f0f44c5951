import type { DataSource } from 'typeorm';
import { ALERT_SEVERITIES, type AlertSeverity, type AlertStatus } from '../../entities/enums';

const UNRESOLVED = ['OPEN', 'ACKNOWLEDGED'] as const satisfies readonly AlertStatus[];

export interface AlertCount {
  readonly severity: AlertSeverity;
  readonly status: (typeof UNRESOLVED)[number];
  readonly count: number;
}

/** Alerts that are not resolved, for every severity and status, also where there is none. */
export async function countUnresolvedAlerts(dataSource: DataSource): Promise<AlertCount[]> {
  const rows = await dataSource.query<{ severity: string; status: string; count: number }[]>(
    `SELECT severity, status, count(*)::float8 AS count FROM alerts WHERE status <> 'RESOLVED' GROUP BY severity, status`,
  );
  return ALERT_SEVERITIES.flatMap((severity) =>
    UNRESOLVED.map((status) => {
      const row = rows.find((each) => each.severity === severity && each.status === status);
      return { severity, status, count: row?.count ?? 0 };
    }),
  );
}
