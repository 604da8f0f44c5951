import fs from 'node:fs';
import path from 'node:path';
import { type Dashboard, panelQueries, readDashboards, shownPanels, variableQueries } from '../../support/dashboards';
import { inlineCode } from '../../support/markdown';

const ROOT = path.resolve(__dirname, '../../..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const rules = (file: string): string => read(`deploy/prometheus/rules/${file}.yml`);

const DASHBOARDS = readDashboards();
/** Of Grafana's list of units, those that these dashboards use. */
const UNITS = ['s', 'bytes', 'reqps', 'cps', 'percentunit', 'short'];

/** All that can be asked for: the documented metrics, which a test holds against the code, what Prometheus adds, and what the rules record. */
const KNOWN = new Set([
  ...inlineCode(read('docs/operations-metrics.md')).filter((code) => /^(mooring|nodejs|process)_\w+$/.test(code)),
  ...[...rules('recording').matchAll(/record: (\S+)/g)].map(([, name]) => name),
  'up',
]);

/** Names of metrics in a query, without what a histogram appends. */
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:(?:job|model|instance):)?(?:mooring|nodejs|process)_[\w:]+|\bup\b/g)].map(([name]) =>
    name.replace(/_(bucket|count|sum)$/, ''),
  );

const duplicates = (values: readonly unknown[]): unknown[] =>
  values.filter((value, index) => values.indexOf(value) !== index);

const overlapping = (dashboard: Dashboard): string[] =>
  dashboard.panels.flatMap((a, index) =>
    dashboard.panels.slice(index + 1).flatMap((b) => {
      const [p, q] = [a.gridPos, b.gridPos];
      const apart = p.x + p.w <= q.x || q.x + q.w <= p.x || p.y + p.h <= q.y || q.y + q.h <= p.y;
      return apart ? [] : [`${a.title} and ${b.title}`];
    }),
  );

describe('the dashboards', () => {
  it('are two, with a uid and a title of their own', () => {
    expect(DASHBOARDS.map(({ title }) => title)).toEqual(['Mooring: models and drift', 'Mooring: operations']);
    expect(duplicates(DASHBOARDS.map(({ uid }) => uid))).toEqual([]);
    expect(DASHBOARDS.filter(({ uid }) => !/^[a-z][a-z-]{1,39}$/.test(uid))).toEqual([]);
  });

  it.each(DASHBOARDS)('$title: panels have ids of their own, a title, what they mean, a unit and a place', (board) => {
    const panels = shownPanels(board);
    expect(panels.length).toBeGreaterThan(10);
    expect(duplicates(board.panels.map(({ id }) => id))).toEqual([]);
    expect(duplicates(board.panels.map(({ title }) => title))).toEqual([]);
    const incomplete = panels.filter(
      ({ title, description, fieldConfig, gridPos: { x, w } }) =>
        title === '' || !description?.endsWith('.') || !UNITS.includes(fieldConfig?.defaults.unit ?? '') || x + w > 24,
    );
    expect(incomplete).toEqual([]);
    expect(overlapping(board)).toEqual([]);
  });

  it.each(DASHBOARDS)('$title: everything asks the Prometheus that is chosen', (board) => {
    const [first, ...others] = board.templating.list;
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(variableQueries(board)).toHaveLength(others.length);
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    const asked = shownPanels(board).flatMap((panel) => [
      panel.datasource,
      ...(panel.targets ?? []).map(({ datasource }) => datasource),
    ]);
    for (const datasource of [...asked, ...others.map((variable) => variable.datasource)])
      expect(datasource).toEqual(chosen);
  });

  it.each(DASHBOARDS)('$title: queries go by the variables, and over times that suit the scrapes', (board) => {
    const queries = panelQueries(board).map(({ expr }) => expr);
    expect(queries.filter((expr) => !expr.includes('job=~"$job"'))).toEqual([]);
    expect(queries.filter((expr) => /\[(?!\$__rate_interval\])/.test(expr.replace(/\[\(\]|\[\)\]/g, '')))).toEqual([]);
    expect(shownPanels(board).flatMap(({ targets = [] }) => duplicates(targets.map(({ refId }) => refId)))).toEqual([]);
  });

  it('ask for metrics that there are, and between them for all of Mooring’s', () => {
    const asked = DASHBOARDS.flatMap((board) => [
      ...panelQueries(board).flatMap(({ expr }) => metricsIn(expr)),
      ...variableQueries(board).flatMap(({ selector }) => metricsIn(selector)),
    ]);
    expect(asked.filter((name) => !KNOWN.has(name))).toEqual([]);
    const inRules = metricsIn(rules('recording') + rules('alerts'));
    const unused = [...KNOWN].filter((name) => name.startsWith('mooring_') && ![...asked, ...inRules].includes(name));
    // The distance is shown instead of its square.
    expect(unused).toEqual(['mooring_drift_prediction_js_divergence']);
  });
});

describe('the alert rules', () => {
  const names = [...rules('alerts').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const tests = ['service', 'models', 'staleness'].map((file) => read(`deploy/prometheus/tests/${file}.yml`)).join('');

  it('ask for metrics that there are', () => {
    expect(metricsIn(rules('recording') + rules('alerts')).filter((name) => !KNOWN.has(name))).toEqual([]);
  });

  it('each have a name of their own, a severity, a summary and what to do', () => {
    expect(names.length).toBeGreaterThan(10);
    expect(duplicates(names)).toEqual([]);
    const blocks = rules('alerts').split('- alert: ').slice(1);
    const incomplete = blocks.filter(
      (block) =>
        !/severity: (warning|critical) /.test(block) || !/summary: /.test(block) || !/description: /.test(block),
    );
    expect(incomplete).toEqual([]);
  });

  it('are each shown to fire by a test', () => {
    const fired = [...tests.matchAll(/alertname: (\w+)\n\s+exp_alerts:/g)].map(([, name]) => name);
    expect(names.filter((name) => !fired.includes(name))).toEqual([]);
  });
});
