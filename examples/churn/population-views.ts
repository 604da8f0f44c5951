import { CONTRACTS, INTERNET_SERVICES, PAYMENT_METHODS } from './mechanism';
import type { StoryView } from './story';

/** The views of the generated population. @param prefix what their names begin with */
export function populationViews(prefix: string): { contract: StoryView; usage: StoryView; label: StoryView } {
  return {
    contract: { name: `${prefix}_contract`, ...CONTRACT },
    usage: { name: `${prefix}_usage`, ...USAGE },
    label: { name: `${prefix}_churn`, ...LABEL },
  };
}

const CONTRACT: Omit<StoryView, 'name'> = {
  description: 'What a subscriber has signed: a row at joining, and another whenever something in it changes.',
  fields: [
    { name: 'contract', dtype: 'STRING', description: 'Length of the contract' },
    { name: 'payment_method', dtype: 'STRING', description: 'How the bill is paid' },
    { name: 'internet_service', dtype: 'STRING', description: 'Internet line, if any' },
    { name: 'partner', dtype: 'BOOL', description: 'Whether a partner uses the same contract' },
    { name: 'tech_support', dtype: 'BOOL', description: 'Whether technical support is booked' },
  ],
  qualityRules: [
    { field: 'contract', kind: 'ALLOWED_VALUES', severity: 'BLOCK', allowedValues: CONTRACTS },
    { field: 'payment_method', kind: 'ALLOWED_VALUES', severity: 'BLOCK', allowedValues: PAYMENT_METHODS },
    { field: 'internet_service', kind: 'ALLOWED_VALUES', severity: 'BLOCK', allowedValues: INTERNET_SERVICES },
  ],
};

const USAGE: Omit<StoryView, 'name'> = {
  description: 'What a subscriber used and paid in the month before the snapshot: one row per subscriber and month.',
  fields: [
    { name: 'tenure_months', dtype: 'INT64', description: 'Whole months since joining' },
    { name: 'monthly_charge', dtype: 'DOUBLE', description: 'The last bill, euros' },
    { name: 'charge_change', dtype: 'DOUBLE', description: 'The last bill less the one of six months before, euros' },
    { name: 'data_gb', dtype: 'DOUBLE', description: 'Data used, gigabytes; null without internet' },
    { name: 'call_minutes', dtype: 'INT64', description: 'Minutes of calls made' },
    { name: 'support_calls', dtype: 'INT64', description: 'Calls to the support line' },
    {
      name: 'dropped_calls',
      dtype: 'INT64',
      description: 'Calls cut off by the network; null where the cell did not report',
    },
    { name: 'days_late', dtype: 'INT64', description: 'Days by which the last bill was paid late' },
    {
      name: 'satisfaction',
      dtype: 'INT64',
      description: 'Answer to the monthly survey, 1 to 5; null without an answer',
    },
  ],
  qualityRules: [
    { field: 'tenure_months', kind: 'NOT_NULL_RATIO', severity: 'BLOCK', minimum: 1 },
    { field: 'tenure_months', kind: 'RANGE', severity: 'BLOCK', minimum: 0, maximum: 600 },
    { field: 'monthly_charge', kind: 'RANGE', severity: 'BLOCK', minimum: 0, maximum: 1_000 },
    { field: 'satisfaction', kind: 'RANGE', severity: 'BLOCK', minimum: 1, maximum: 5 },
    { field: 'satisfaction', kind: 'NOT_NULL_RATIO', severity: 'WARN', minimum: 0.5 },
  ],
};

const LABEL: Omit<StoryView, 'name'> = {
  description: 'Whether a subscriber left before the next snapshot; createdTimestamp is when that became known.',
  fields: [{ name: 'churned', dtype: 'BOOL', description: 'Left before the next snapshot' }],
  qualityRules: [{ field: 'churned', kind: 'NOT_NULL_RATIO', severity: 'BLOCK', minimum: 1 }],
};
