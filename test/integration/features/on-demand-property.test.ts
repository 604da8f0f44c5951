/** "The same code offline and online": whatever the expression and the row, a dataset and an online read answer the same. */
import fc from 'fast-check';
import type { FeatureValue, ScalarDtype } from '../../../src/entities';
import { arbitraryExpression, arbitraryFeatureValue } from '../../support/arbitrary-expression';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

const VIEWS: Readonly<Record<string, Readonly<Record<string, ScalarDtype>>>> = {
  usage: { i: 'INT64', d: 'DOUBLE', b: 'BOOL', t: 'TIMESTAMP' },
  recent: { j: 'INT64', s: 'STRING', e: 'DOUBLE' },
};
const STORED: Readonly<Record<string, ScalarDtype>> = { ...VIEWS.usage, ...VIEWS.recent };
/** Online they come with the request, in datasets with the label's row. */
const REQUEST_INPUTS: Readonly<Record<string, ScalarDtype>> = {
  ri: 'INT64',
  rd: 'DOUBLE',
  rs: 'STRING',
  rb: 'BOOL',
  rt: 'TIMESTAMP',
};
/** What the generated features read besides: computed, one from another, and written down last. */
const COMPUTED = {
  ci: { expression: 'i - ri', dtype: 'INT64' },
  cd: { expression: 'd * rd / ci', dtype: 'DOUBLE' },
  cs: { expression: 'concat(s, rs, bucket(cd, 0, 10))', dtype: 'STRING' },
  cb: { expression: 'b and rb or rt < t', dtype: 'BOOL' },
} as const satisfies Record<string, { expression: string; dtype: ScalarDtype }>;
const TYPES: Readonly<Record<string, ScalarDtype>> = {
  ...STORED,
  ...REQUEST_INPUTS,
  ...Object.fromEntries(Object.entries(COMPUTED).map(([name, { dtype }]) => [name, dtype])),
};
const ASKED_AT = new Date('2026-03-01T00:00:00.123Z');
const MONTH_BEFORE = '2026-02-01T00:00:00Z';
const DAY_BEFORE = '2026-02-28T00:00:00Z';

const subscriber = fc.record({
  values: fc.record(
    Object.fromEntries(Object.entries(STORED).map(([name, dtype]) => [name, arbitraryFeatureValue(dtype)])),
  ),
  given: fc.record(
    Object.fromEntries(Object.entries(REQUEST_INPUTS).map(([name, dtype]) => [name, arbitraryFeatureValue(dtype)])),
  ),
  recent: fc.constantFrom('absent', 'old', 'fresh'),
});

/** All but Date. */
const REAL_TIMERS: (
  | 'hrtime'
  | 'nextTick'
  | 'performance'
  | 'queueMicrotask'
  | 'setImmediate'
  | 'clearImmediate'
  | 'setInterval'
  | 'clearInterval'
  | 'setTimeout'
  | 'clearTimeout'
)[] = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
];

let features: FeaturesFixture;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  await features.entities.apply({ name: 'subscriber', joinKeys: [{ name: 'id', dtype: 'STRING' }] }, ENGINEER);
});
afterAll(() => features.close());

const fieldsOf = (types: Readonly<Record<string, ScalarDtype>>) =>
  Object.entries(types).map(([name, dtype]) => ({ name, dtype }));

const pick = (values: Readonly<Record<string, string | number | boolean | null>>, view: string) =>
  Object.fromEntries(Object.keys(VIEWS[view]).map((name) => [name, values[name]]));

test('a dataset has the values that are read online at the time of the row', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryExpression(TYPES), { minLength: 30, maxLength: 30 }),
      fc.array(subscriber, { minLength: 20, maxLength: 20 }),
      async (expressions, subscribers) => {
        run++;
        const views = {
          usage: `usage_${run}`,
          recent: `recent_${run}`,
          label: `label_${run}`,
          service: `service_${run}`,
        };
        const entity = 'subscriber';
        await features.views.apply({ name: views.usage, entity, fields: fieldsOf(VIEWS.usage) }, ENGINEER);
        const recentFields = fieldsOf(VIEWS.recent);
        await features.views.apply({ name: views.recent, entity, ttlSeconds: 864_000, fields: recentFields }, ENGINEER);
        await features.views.apply(
          { name: views.label, entity, fields: [{ name: 'churned', dtype: 'BOOL' }, ...fieldsOf(REQUEST_INPUTS)] },
          ENGINEER,
        );
        const onDemandFeatures = [
          ...expressions.map(({ text }, index) => ({ name: `f${index}`, expression: text })),
          ...Object.entries(COMPUTED).map(([name, { expression }]) => ({ name, expression })),
        ].reverse();
        // So that every input is read, whatever was generated.
        onDemandFeatures.unshift({
          name: 'all_inputs',
          expression: "if(rb, concat(rs, bucket(ri, 0), bucket(rd, 0)), if(rt is null, 'no', 'yes'))",
        });
        const requestInputs = fieldsOf(REQUEST_INPUTS);
        await features.services.apply(
          {
            name: views.service,
            features: [{ view: views.usage }, { view: views.recent }],
            onDemandFeatures,
            requestInputs,
          },
          ENGINEER,
        );
        const rowsOf = (view: string, at: (index: number) => string | null) =>
          subscribers.flatMap(({ values }, index) => {
            const eventTimestamp = at(index);
            return eventTimestamp === null ? [] : [{ id: `s${index}`, eventTimestamp, ...pick(values, view) }];
          });
        await features.ingest.ingest({ view: views.usage, rows: rowsOf('usage', () => MONTH_BEFORE) }, ENGINEER);
        const recentAt = { absent: null, old: MONTH_BEFORE, fresh: DAY_BEFORE };
        const recent = rowsOf('recent', (index) => recentAt[subscribers[index].recent]);
        if (recent.length > 0) await features.ingest.ingest({ view: views.recent, rows: recent }, ENGINEER);
        const churned = subscribers.flatMap(({ given }, index) =>
          [MONTH_BEFORE, ASKED_AT.toISOString()].map((eventTimestamp) => {
            return { id: `s${index}`, eventTimestamp, churned: index % 2 === 0, ...given };
          }),
        );
        await features.ingest.ingest({ view: views.label, rows: churned }, ENGINEER);
        const dataset = await features.buildDataset({
          featureService: views.service,
          labels: { view: views.label, field: 'churned' },
        });
        await features.finished(
          await features.materializations.materialize({ views: [views.usage, views.recent] }, ENGINEER),
        );

        const rows = await features.datasets.preview(dataset, 100);
        const asked = rows.filter(({ event_timestamp: at }) => at === ASKED_AT.toISOString());
        const { versionId } = await features.services.schemaByName(views.service, null, []);
        const answers = await onlineAt(
          ASKED_AT,
          versionId,
          asked.map(({ id }) => ({ id })),
          asked.map(({ id }) => subscribers[Number(String(id).slice(1))].given),
        );
        const names = [...Object.keys(STORED), ...onDemandFeatures.map(({ name }) => name)];
        expect(answers).toEqual(asked.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))));
      },
    ),
    { numRuns: 6 },
  );
}, 120_000);

/** What is read online when it is this time: only the clock stands still, timers go on. */
async function onlineAt(
  now: Date,
  versionId: string,
  entities: readonly { id: FeatureValue }[],
  requestInputs: readonly Record<string, string | number | boolean | null>[],
) {
  jest.useFakeTimers({ now, doNotFake: REAL_TIMERS });
  try {
    const rows = await features.online.read(versionId, entities, () => [], requestInputs);
    return rows.map((row) => {
      if (row instanceof Error) throw row;
      return Object.fromEntries(row.values.map(({ name, value }) => [name, value]));
    });
  } finally {
    jest.useRealTimers();
  }
}
