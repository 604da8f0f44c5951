export { CHURN_FLAGS, churnDataOptions } from './options';
export { prepareChurn } from './prepare-churn';
export { formatSummary } from './summary';
