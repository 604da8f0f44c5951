/**
 * How an aggregate joins the API:
 *
 * 1. `src/schema/<aggregate>.ts`: its object types with their plain fields (those that a row carries under the same name), inputs and payloads
 *    (`extends MutationPayload`, all other fields nullable), and `connectionType(…)`. Every type, field and argument has a description.
 *    Types that have an id implement Node; the id's value is put in by the schema.
 * 2. `src/resolvers/<aggregate>.loaders.ts`: `defineNodeLoader` for each of its kinds, `defineLoader`/`defineListLoader` for the rest.
 * 3. `src/resolvers/<aggregate>.resolver.ts`: queries, mutations, subscriptions, and `@FieldResolver`s for every field that is not plain. A field
 *    resolver names the type itself, so fields that lead to another aggregate are declared here only, and schema files import one another
 *    downwards at most:
 *
 *        @Resolver(() => ModelVersion)
 *        export class ModelVersionResolver {
 *          @FieldResolver(() => Model, { description: 'The model that it is a version of.' })
 *          model(@Root() version: ModelVersionRow, @Ctx() ctx: Context) {
 *            return modelById(ctx).load(version.modelId);
 *          }
 *          @Mutation(() => TransitionModelVersionPayload, { description: '…' })
 *          transitionModelVersion(@Arg('input', () => TransitionInput) input: TransitionInput, @Ctx() ctx: Context) {
 *            return ctx.services.stages.transition(input, ctx.actor);    // { modelVersion, transition, archivedVersion }
 *          }
 *        }
 *
 *    Ids in arguments become uuids by `fromGlobalId(input.datasetId, 'Dataset', 'input.datasetId')`. Throw DomainErrors (or let the service's
 *    through): mutations answer the correctable ones as userErrors, with no code in the resolver. Subscriptions give their own `subscribe`
 *    (`ctx.services.events.subscribe(…)`), and the method maps one event to the answer.
 * 4. One line in RESOLVERS below, and one in Services (schema/context.ts) for each service that its resolvers call.
 */
import { AlertMuteResolver } from './alert-mute.resolver';
import { AlertEvaluationResolver, AlertRuleResolver } from './alert-rule.resolver';
import { AlertResolver } from './alert.resolver';
import { AuditEntryResolver } from './audit.resolver';
import { ArtifactRefResolver, ArtifactResolver, ArtifactUploadResolver } from './artifact.resolver';
import { ColumnStatisticsResolver } from './column-statistics.resolver';
import { CompactionResolver } from './compaction.resolver';
import { DefinitionDependentResolver } from './definition-change.resolver';
import { DatasetJobResolver, DatasetResolver } from './dataset.resolver';
import {
  EvaluationReportResolver,
  SegmentEvaluationResolver,
  VersionEvaluationResolver,
} from './evaluation-report.resolver';
import { EntityErasureResolver } from './entity-erasure.resolver';
import { FeatureBatchResolver } from './feature-batch.resolver';
import { FeatureIngestJobResolver } from './feature-ingest-job.resolver';
import { FeatureEntityResolver } from './feature-entity.resolver';
import {
  FeatureQualityResolver,
  FeatureQualityJobResolver,
  FeatureQualityResultResolver,
  FeatureQualityRuleResolver,
} from './feature-quality.resolver';
import { FeatureServiceResolver, OnDemandFeaturesResolver, ServiceFeatureResolver } from './feature-service.resolver';
import { FeatureViewResolver } from './feature-view.resolver';
import { LineageResolver } from './lineage.resolver';
import { MaterializationResolver, MaterializedViewResolver } from './materialization.resolver';
import { OnlineConsistencyResolver } from './online-consistency.resolver';
import { OnlineFeaturesResolver } from './online-features.resolver';
import { DeploymentResolver } from './deployment.resolver';
import { DriftReportResolver, DriftReportJobResolver } from './drift-report.resolver';
import { LiveDriftResolver } from './live-drift.resolver';
import { LineageComparisonResolver } from './model-comparison.resolver';
import { ModelSubmissionLineageResolver, ModelVersionLineageResolver } from './model-lineage.resolver';
import { MonitoringPolicyResolver } from './monitoring-policy.resolver';
import { EstimatedPerformanceResolver, PerformanceReportResolver } from './performance-report.resolver';
import { PredictionResolver } from './prediction.resolver';
import { RetrainingJobResolver, RetrainingPolicyResolver, TriggerEvaluationResolver } from './retraining.resolver';
import { TrainingJobResolver, TrainingRunResolver } from './training-run.resolver';
import { EventResolver } from './event.resolver';
import { JobResolver } from './job.resolver';
import {
  ExperimentImportJobResolver,
  ExperimentMetricResolver,
  ModelExperimentResolver,
} from './model-experiment.resolver';
import { ModelSubmissionResolver } from './model-submission.resolver';
import { ModelTransitionResolver } from './model-transition.resolver';
import { ModelVersionResolver } from './model-version.resolver';
import { ModelResolver } from './model.resolver';
import { NodeResolver } from './node.resolver';
import { RegisterModelVersionResolver } from './register-model-version.resolver';
import { ScheduleResolver, ScheduleRunResolver } from './schedule.resolver';
import { TokenResolver } from './token.resolver';
import { ModelApprovalResolver, TransitionRequestResolver } from './transition-request.resolver';
import { WebhookResolver } from './webhook.resolver';
import { ModelAliasResolver, VersionCatalogResolver } from './version-catalog.resolver';

export const RESOLVERS = [
  AlertEvaluationResolver,
  AlertMuteResolver,
  AlertResolver,
  AlertRuleResolver,
  ArtifactResolver,
  ArtifactRefResolver,
  ArtifactUploadResolver,
  DeploymentResolver,
  DriftReportResolver,
  DriftReportJobResolver,
  LiveDriftResolver,
  ModelSubmissionLineageResolver,
  ModelVersionLineageResolver,
  MonitoringPolicyResolver,
  EstimatedPerformanceResolver,
  PerformanceReportResolver,
  PredictionResolver,
  RetrainingJobResolver,
  RetrainingPolicyResolver,
  TriggerEvaluationResolver,
  RegisterModelVersionResolver,
  TrainingJobResolver,
  TrainingRunResolver,

  ColumnStatisticsResolver,
  DefinitionDependentResolver,
  DatasetJobResolver,
  DatasetResolver,
  FeatureBatchResolver,
  FeatureIngestJobResolver,
  FeatureEntityResolver,
  FeatureQualityJobResolver,
  FeatureQualityResolver,
  FeatureQualityResultResolver,
  FeatureQualityRuleResolver,
  FeatureServiceResolver,
  OnDemandFeaturesResolver,
  ServiceFeatureResolver,
  FeatureViewResolver,
  LineageResolver,
  LineageComparisonResolver,
  EvaluationReportResolver,
  SegmentEvaluationResolver,
  VersionEvaluationResolver,
  MaterializationResolver,
  MaterializedViewResolver,
  ScheduleResolver,
  ScheduleRunResolver,
  OnlineConsistencyResolver,
  CompactionResolver,
  EntityErasureResolver,
  OnlineFeaturesResolver,

  AuditEntryResolver,
  EventResolver,
  JobResolver,
  ModelResolver,
  ModelExperimentResolver,
  ExperimentMetricResolver,
  ExperimentImportJobResolver,
  ModelSubmissionResolver,
  ModelTransitionResolver,
  ModelVersionResolver,
  NodeResolver,
  TokenResolver,
  ModelApprovalResolver,
  TransitionRequestResolver,
  ModelAliasResolver,
  VersionCatalogResolver,
  WebhookResolver,
] as const;
