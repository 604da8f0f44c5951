import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import {
  BinaryEvaluation,
  EvaluationMetric,
  EvaluationReport,
  MulticlassEvaluation,
  RegressionEvaluation,
  SegmentEvaluation,
} from '../schema/evaluation-report';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import type * as registry from '../services/registry';

@Resolver(() => ModelVersion)
export class VersionEvaluationResolver {
  @FieldResolver(
    () => EvaluationReport,
    nullable('How it did on held-out rows; null where no report is kept, or one in a format of its maker’s.'),
  )
  evaluation(@Root() version: rows.ModelVersion, @Ctx() ctx: Context) {
    return ctx.services.evaluationReports.of(version);
  }
}

@Resolver(() => EvaluationReport)
export class EvaluationReportResolver {
  @FieldResolver(() => [EvaluationMetric], {
    description: 'Figures on these rows; those that are undefined on them are left out.',
  })
  metrics(@Root() { metrics }: registry.EvaluationReport): EvaluationMetric[] {
    return listed(metrics);
  }

  @FieldResolver(() => [SegmentEvaluation], {
    description:
      'The same figures by the values of features: for trainings here, of every feature with at most 50 values on these rows.',
  })
  segments(
    @Root() { segments }: registry.EvaluationReport,
    @Arg('feature', () => String, nullable('Only those of this feature.')) feature: string | null | undefined,
  ) {
    return feature == null ? segments : segments.filter((segment) => segment.feature === feature);
  }

  @FieldResolver(() => [String], {
    description: 'Features with few values that have no segments here, because there would be more than 10,000 in all.',
  })
  unsegmentedFeatures(@Root() { unsegmentedFeatures }: registry.EvaluationReport) {
    return unsegmentedFeatures ?? [];
  }

  @FieldResolver(() => BinaryEvaluation, nullable('Null unless the task is BINARY_CLASSIFICATION.'))
  binary(@Root() report: registry.EvaluationReport) {
    return report.taskType === 'BINARY_CLASSIFICATION' ? report : null;
  }

  @FieldResolver(() => MulticlassEvaluation, nullable('Null unless the task is MULTICLASS_CLASSIFICATION.'))
  multiclass(@Root() report: registry.EvaluationReport) {
    return report.taskType === 'MULTICLASS_CLASSIFICATION' ? report : null;
  }

  @FieldResolver(() => RegressionEvaluation, nullable('Null unless the task is REGRESSION.'))
  regression(@Root() report: registry.EvaluationReport) {
    return report.taskType === 'REGRESSION' ? report : null;
  }
}

@Resolver(() => SegmentEvaluation)
export class SegmentEvaluationResolver {
  @FieldResolver(() => [EvaluationMetric], {
    description: 'Figures on these rows; those that are undefined on them are left out.',
  })
  metrics(@Root() { metrics }: registry.SegmentMetrics): EvaluationMetric[] {
    return listed(metrics);
  }
}

const listed = (metrics: registry.SegmentMetrics['metrics']): EvaluationMetric[] =>
  Object.entries(metrics).map(([name, value]) => ({ name, value }));
