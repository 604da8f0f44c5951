import fs from 'node:fs';
import path from 'node:path';
import { DEPLOY } from './prometheus-server';

export interface DatasourceRef {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: DatasourceRef;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: DatasourceRef }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly datasource?: DatasourceRef;
  /** The text of a datasource variable, the question of a query variable. */
  readonly query: string | { readonly query: string };
}

/** What tests look at of a Grafana dashboard. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const FOLDER = path.join(DEPLOY, 'grafana/dashboards');

export const readDashboards = (): Dashboard[] =>
  fs
    .readdirSync(FOLDER)
    .sort()
    .map((file) => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8')) as Dashboard);

/** Panels that show something; rows are headings. */
export const shownPanels = ({ panels }: Dashboard): Panel[] => panels.filter(({ type }) => type !== 'row');

/** The queries of its panels. */
export const panelQueries = (dashboard: Dashboard): { readonly panel: string; readonly expr: string }[] =>
  shownPanels(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: `${dashboard.title} / ${title}`, expr })),
  );

/** `label_values(selector, label)` of its query variables. */
export const variableQueries = ({ templating }: Dashboard): { readonly selector: string; readonly label: string }[] =>
  templating.list.flatMap(({ type, query }) => {
    if (type !== 'query' || typeof query === 'string') return [];
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query.query) ?? [];
    return selector === undefined ? [] : [{ selector, label }];
  });

/** The query as Grafana sends it with everything chosen. */
export const withEverythingChosen = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replace(/\$(job|instance|model)\b/g, '.*');
