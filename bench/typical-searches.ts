import type { ModelVersionOrder, RegistrySearch } from '../src/services/registry';

export interface TypicalSearch {
  readonly of: 'models' | 'versions';
  readonly search: string;
  readonly orderBy?: readonly ModelVersionOrder[];
}

const BEST_FIRST: readonly ModelVersionOrder[] = [{ field: 'METRIC', metric: 'auc', direction: 'DESC' }];

/** What people and programs ask a registry that fillRegistry made: rare and frequent things, alone and together, in several orders. */
export const TYPICAL_SEARCHES: readonly TypicalSearch[] = [
  { of: 'versions', search: 'stage:production tag.team=growth auc>0.84 name~churn' },
  { of: 'versions', search: 'stage:production auc>0.9' },
  { of: 'versions', search: 'auc>0.997' },
  { of: 'versions', search: 'auc>0.7' },
  { of: 'versions', search: 'tag.team=growth' },
  { of: 'versions', search: 'tag.team=growth auc>0.9', orderBy: BEST_FIRST },
  { of: 'versions', search: 'NOT tag.team=growth created>2026-04-01' },
  { of: 'versions', search: 'churn drift' },
  { of: 'versions', search: 'retention' },
  { of: 'versions', search: 'name=churn-5' },
  { of: 'versions', search: 'owner=ada stage:staging', orderBy: [{ field: 'NAME' }] },
  {
    of: 'versions',
    search: 'param.algorithm=GRADIENT_BOOSTING version>50',
    orderBy: [{ field: 'UPDATED_AT', direction: 'DESC' }],
  },
  { of: 'versions', search: '(auc>0.95 OR logLoss<0.15) stage IN (staging, production)' },
  { of: 'versions', search: 'metric.minutes<5 auc@training>0.9', orderBy: [{ field: 'METRIC', metric: 'minutes' }] },
  { of: 'versions', search: 'fingerprint:print1 createdBy:ada' },
  { of: 'versions', search: '', orderBy: BEST_FIRST },
  { of: 'versions', search: '', orderBy: [{ field: 'NAME' }, { field: 'CREATED_AT' }] },
  { of: 'models', search: 'stage:production auc>0.9' },
  { of: 'models', search: 'name~churn tag.team=growth' },
  { of: 'models', search: 'retention NOT stage:staging' },
];

/** The first page and the one behind it, where there is one. @returns how many pages */
export async function runSearch(registry: RegistrySearch, { of, search, orderBy }: TypicalSearch): Promise<number> {
  const page = (after: string | null) =>
    of === 'models'
      ? registry.models({ search, first: 20, after })
      : registry.versions({ search, orderBy, first: 20, after });
  const { cursors, hasNextPage } = await page(null);
  if (!hasNextPage) return 1;
  await page(cursors.at(-1) ?? null);
  return 2;
}
