import type { Foundation, Part } from './foundation';
import type { Services } from './schema/context';
import {
  AlertEvaluator,
  AlertMuteService,
  AlertRuleService,
  AlertService,
  LoggedPerformance,
  ServingMinutes,
} from './services/monitoring';
import type { PredictionReader } from './services/predictions';
import type { ModelService } from './services/registry';
import type { PredictionObserver } from './services/serving';

/** Builds what raises and keeps alerts. The observer is to be told of predictions in place of the foundation's, which it tells too. */
export function buildAlerts(
  { dataSource, audit, logger, observer }: Foundation,
  { models, predictions }: { readonly models: ModelService; readonly predictions: PredictionReader },
): {
  readonly observer: PredictionObserver;
  readonly services: Pick<Services, 'alerts' | 'alertRules' | 'alertMutes'>;
  readonly parts: Record<string, Part>;
  readonly upkeep: Record<string, () => Promise<unknown>>;
} {
  const servingMinutes = new ServingMinutes({ dataSource, logger });
  const performance = new LoggedPerformance({ dataSource, predictions });
  const alertEvaluator = new AlertEvaluator({ dataSource, audit, logger, performance });
  return {
    observer: {
      predicted: (...told) => {
        observer.predicted(...told);
        servingMinutes.predicted(...told);
      },
      failed: (...told) => {
        observer.failed(...told);
        servingMinutes.failed(...told);
      },
    },
    services: {
      alerts: new AlertService({ dataSource, audit }),
      alertRules: new AlertRuleService({ dataSource, audit, models }),
      alertMutes: new AlertMuteService({ dataSource, audit, models }),
    },
    parts: { servingMinutes, alertEvaluator },
    upkeep: { 'forget old windows of alert rules': () => alertEvaluator.prune() },
  };
}
