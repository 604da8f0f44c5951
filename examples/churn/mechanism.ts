/** What churn depends on, as the operator's systems record it. A null field (NaN) contributes nothing, so features alone can tell all of it. */
export interface SubscriberState {
  readonly contract: Contract;
  readonly paymentMethod: PaymentMethod;
  readonly internetService: InternetService;
  readonly partner: boolean;
  readonly tenureMonths: number;
  /** Euros on the last bill. */
  readonly monthlyCharge: number;
  /** Euros more (or less) than six months before. */
  readonly chargeChange: number;
  readonly supportCalls: number;
  readonly droppedCalls: number;
  readonly daysLate: number;
  /** 1 to 5 from the monthly survey, NaN where nobody answered. */
  readonly satisfaction: number;
}

export const CONTRACTS = ['month-to-month', 'one-year', 'two-year'] as const;
export type Contract = (typeof CONTRACTS)[number];
export const PAYMENT_METHODS = ['direct-debit', 'credit-card', 'electronic-check', 'mailed-check'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
export const INTERNET_SERVICES = ['none', 'dsl', 'fiber'] as const;
export type InternetService = (typeof INTERNET_SERVICES)[number];

/** The coefficients of the churn logit; see `churnProbability`. */
export interface Mechanism {
  readonly intercept: number;
  readonly contract: Readonly<Record<Contract, number>>;
  readonly internetService: Readonly<Record<InternetService, number>>;
  readonly electronicCheck: number;
  readonly partner: number;
  /** Per natural logarithm of a year of tenure: ln(1 + months/12). */
  readonly logTenure: number;
  /** Per 10 euros of the monthly charge above 60. */
  readonly price: number;
  /** Once, when the bill rose by more than 5 euros in six months. */
  readonly billShock: number;
  readonly supportCall: number;
  readonly droppedCall: number;
  readonly dayLate: number;
  /** Once, when the survey says 2 or less: a threshold, which a linear model sees only in part. */
  readonly dissatisfied: number;
}

/** Months 1 to 8. */
export const MECHANISM: Mechanism = {
  intercept: -4.2,
  contract: { 'month-to-month': 1, 'one-year': -0.7, 'two-year': -2 },
  internetService: { none: -0.9, dsl: 0, fiber: 0.7 },
  electronicCheck: 0.6,
  partner: -0.4,
  logTenure: -0.8,
  price: 0.12,
  billShock: 0.4,
  supportCall: 0.45,
  droppedCall: 0.1,
  dayLate: 0.07,
  dissatisfied: 1.4,
};

/**
 * Months 9 to 12, after a competitor has entered with half the price: more leave anyway, what a subscriber pays weighs five times as much, a long
 * tenure and a contract hold back less (the competitor pays the exit fee), and quality of service matters less than before.
 * This is concept drift: the same features mean another risk.
 */
export const MECHANISM_AFTER_COMPETITOR: Mechanism = {
  ...MECHANISM,
  intercept: -4,
  contract: { 'month-to-month': 0.5, 'one-year': -0.2, 'two-year': -1 },
  logTenure: -0.3,
  price: 0.6,
  supportCall: 0.3,
  dissatisfied: 0.8,
};

/** The probability, 0 to 1, that a subscriber leaves before the next snapshot: the logistic function of a sum of the terms above. */
export function churnProbability(state: SubscriberState, mechanism: Mechanism): number {
  const logit =
    mechanism.intercept +
    mechanism.contract[state.contract] +
    mechanism.internetService[state.internetService] +
    (state.paymentMethod === 'electronic-check' ? mechanism.electronicCheck : 0) +
    (state.partner ? mechanism.partner : 0) +
    mechanism.logTenure * Math.log1p(state.tenureMonths / 12) +
    mechanism.price * ((state.monthlyCharge - 60) / 10) +
    (state.chargeChange > 5 ? mechanism.billShock : 0) +
    mechanism.supportCall * state.supportCalls +
    (Number.isNaN(state.droppedCalls) ? 0 : mechanism.droppedCall * state.droppedCalls) +
    mechanism.dayLate * state.daysLate +
    (state.satisfaction <= 2 ? mechanism.dissatisfied : 0);
  return 1 / (1 + Math.exp(-logit));
}
