import {
  FIRST_DRIFTED_MONTH,
  MONTH_COUNT,
  simulatePopulation,
  snapshotTime,
  USAGE_FIELDS,
  type PopulationMonth,
} from './population';
import { populationViews } from './population-views';
import { Random } from './random';
import { namePrefix } from './safe-name';
import { inBatches, type CohortMember, type FeatureRow, type IngestBatch, type Story } from './story';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const COHORT_SIZE = 2_000;
/** One usage row in 200 reaches the operator's warehouse days after the snapshot that it describes: with the leakage cutoff it is not used there. */
const LATE_USAGE = 0.005;
/** Three bills in a thousand are corrected later: a second row of the same eventTimestamp and a later createdTimestamp. */
const CORRECTED_USAGE = 0.003;
/** One contract row in a hundred is keyed in weeks late. */
const LATE_CONTRACT = 0.01;

const LAST_PAST_MONTH = FIRST_DRIFTED_MONTH - 1;

/** The generated population as a story: months 1 to 8 are the past, months 9 to 12 the later window, and the outcome of month 12 comes last. */
export function populationStory(options: { subscribers: number; seed: number; name: string | null }): Story {
  const months = [...simulatePopulation(options)];
  const between = (from: number, to: number) => months.filter(({ month }) => month >= from && month <= to);
  const lastMonth = months[MONTH_COUNT - 1];

  const prefix = options.name === null ? null : namePrefix(options.name);
  const { contract, usage, label } = populationViews(prefix ?? 'subscriber');
  const featureBatches = function* (part: readonly PopulationMonth[]): Generator<IngestBatch> {
    yield* inBatches(contract.name, contractRows(part, options.seed));
    yield* inBatches(usage.name, usageRows(part, options.seed));
  };
  return {
    title: `${options.subscribers.toLocaleString('en')} generated subscribers, ${MONTH_COUNT} monthly snapshots, seed ${options.seed}`,
    notes: [
      `Drift is planted from month ${FIRST_DRIFTED_MONTH} on: a price rise, other joiners, and a competitor who changes what makes people leave.`,
    ],
    source: `generated: ${options.subscribers} subscribers, seed ${options.seed}`,
    names: {
      model: prefix === null ? 'churn' : `${prefix}_churn`,
      entity: 'subscriber',
      joinKey: 'subscriber_id',
      featureService: prefix === null ? 'churn_features' : `${prefix}_features`,
    },
    featureViews: [contract, usage],
    labelView: label,
    labelField: 'churned',
    dataset: {
      from: snapshotTime(1).toISOString(),
      to: snapshotTime(LAST_PAST_MONTH).toISOString(),
      strategy: 'TIME',
      heldOutFraction: 0.25,
    },
    latestDataset: { from: snapshotTime(5).toISOString(), to: null, strategy: 'TIME', heldOutFraction: 0.25 },
    // Eight months, as many as the first version had: months 5 to 12, of which 11 and 12 are held out.
    retrainSince: snapshotTime(5).toISOString(),
    // Twice the default rate takes half the trees, 3 s instead of 6, for .001 of AUC.
    trainingParameters: { learningRate: 0.1 },
    minimumAuc: 0.75,
    *past() {
      yield* featureBatches(between(1, LAST_PAST_MONTH));
      yield* inBatches(label.name, labelRows(between(1, LAST_PAST_MONTH)));
    },
    *laterWindow() {
      yield* featureBatches(between(FIRST_DRIFTED_MONTH, MONTH_COUNT));
      yield* inBatches(label.name, labelRows(between(FIRST_DRIFTED_MONTH, MONTH_COUNT - 1)));
    },
    laterOutcomes: () => inBatches(label.name, labelRows([lastMonth])),
    approximateRows: {
      past: (1.3 + 2 * LAST_PAST_MONTH) * options.subscribers,
      laterWindow: (0.4 + 2 * (MONTH_COUNT - LAST_PAST_MONTH) - 1) * options.subscribers,
      laterOutcomes: options.subscribers,
    },
    cohort: drawCohort(lastMonth, options.seed),
    questions: whatIfQuestions(),
  };
}

function* contractRows(months: readonly PopulationMonth[], seed: number): Generator<FeatureRow> {
  for (const { month, contractChanges } of months) {
    const random = new Random(seed * 100 + month);
    for (const change of contractChanges) {
      const delayMs = random.chance(LATE_CONTRACT) ? 20 * DAY_MS : HOUR_MS;
      yield {
        subscriber_id: change.subscriberId,
        eventTimestamp: change.changedAt.toISOString(),
        createdTimestamp: new Date(change.changedAt.getTime() + delayMs).toISOString(),
        contract: change.contract,
        payment_method: change.paymentMethod,
        internet_service: change.internetService,
        partner: change.partner,
        tech_support: change.techSupport,
      };
    }
  }
}

function* usageRows(months: readonly PopulationMonth[], seed: number): Generator<FeatureRow> {
  for (const month of months) {
    const random = new Random(seed * 100 + 50 + month.month);
    const snapshotMs = month.snapshotAt.getTime();
    const eventTimestamp = month.snapshotAt.toISOString();
    const lateTimestamp = new Date(snapshotMs + 5 * DAY_MS).toISOString();
    const correctedTimestamp = new Date(snapshotMs + 12 * DAY_MS).toISOString();
    const corrections: FeatureRow[] = [];
    for (const [i, subscriberId] of month.subscriberIds.entries()) {
      const row: FeatureRow = {
        subscriber_id: subscriberId,
        eventTimestamp,
        createdTimestamp: random.chance(LATE_USAGE) ? lateTimestamp : eventTimestamp,
      };
      for (const field of USAGE_FIELDS) row[field] = finiteOrNull(month.usage[field][i]);
      yield row;
      if (random.chance(CORRECTED_USAGE))
        corrections.push({ ...row, createdTimestamp: correctedTimestamp, days_late: 0 });
    }
    yield* corrections;
  }
}

function* labelRows(months: readonly PopulationMonth[]): Generator<FeatureRow> {
  for (const { snapshotAt, subscriberIds, churned, outcomeKnownAt } of months) {
    const eventTimestamp = snapshotAt.toISOString();
    for (const [i, subscriberId] of subscriberIds.entries()) {
      yield {
        subscriber_id: subscriberId,
        eventTimestamp,
        createdTimestamp: outcomeKnownAt[i].toISOString(),
        churned: churned[i] === 1,
      };
    }
  }
}

/** Subscribers of the last month, drawn without replacement by the first steps of a Fisher–Yates shuffle. */
function drawCohort(month: PopulationMonth, seed: number): CohortMember[] {
  const random = new Random(seed * 100 + 99);
  const indices = month.subscriberIds.map((_, i) => i);
  const size = Math.min(COHORT_SIZE, indices.length);
  for (let i = 0; i < size; i++) {
    const other = i + random.below(indices.length - i);
    [indices[i], indices[other]] = [indices[other], indices[i]];
  }
  return indices.slice(0, size).map((i) => ({
    subscriberId: month.subscriberIds[i],
    churned: month.churned[i] === 1,
    observedAt: month.outcomeKnownAt[i].toISOString(),
  }));
}

function whatIfQuestions(): Story['questions'] {
  const subscriber: FeatureRow = {
    contract: 'month-to-month',
    payment_method: 'electronic-check',
    internet_service: 'fiber',
    partner: false,
    tech_support: false,
    tenure_months: 3,
    monthly_charge: 79,
    charge_change: 0,
    data_gb: 45,
    call_minutes: 180,
    support_calls: 2,
    dropped_calls: 3,
    days_late: 0,
    satisfaction: 3,
  };
  return [
    { description: 'a new fiber subscriber, month to month', features: subscriber },
    { description: 'the same with a contract of two years', features: { ...subscriber, contract: 'two-year' } },
    { description: 'the same, but dissatisfied', features: { ...subscriber, satisfaction: 1 } },
  ];
}

const finiteOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
