/** Features: definitions, the offline and the online store, point-in-time datasets, and data quality. */
export { type CompactFeaturesInput, type CompactionJobInput, FeatureCompaction } from './compaction/feature-compaction';
export { DatasetBuilder } from './datasets/dataset-builder';
export { DatasetDownloads, DATASETS_PATH } from './datasets/dataset-downloads';
export { type DatasetLabels } from './datasets/dataset-definition.policy';
export { type CreateDatasetInput, type DatasetRequest, DatasetService } from './datasets/dataset.service';
export { type Dependent } from './definitions/definition-change.policy';
export { type ApplyEntityInput, EntityDefinitions } from './definitions/entity-definitions';
export {
  type ApplyFeatureServiceInput,
  type FeatureServiceRecord,
  ServiceDefinitions,
} from './definitions/service-definitions';
export { type ApplyFeatureViewInput, type FeatureViewRecord, ViewDefinitions } from './definitions/view-definitions';
export { EntityErasureService, type EraseEntityInput } from './erasure/entity-erasure.service';
export { FeatureIngest, type IngestFeaturesInput } from './ingest/feature-ingest';
export { type FeatureIngestJobInput, FileIngest, type IngestFeatureFileInput } from './ingest/file-ingest';
export { sweepOfflineFiles } from './ingest/sweep-offline-files';
export { DuckDbEngine } from './offline/duckdb-engine';
export { FeatureFileStaging } from './offline/feature-file-staging';
export { type OfflineStore } from './offline/offline-store';
export { ParquetOfflineStore } from './offline/parquet-offline-store';
export { type DatasetFile, type DatasetTable, readDatasetTable } from './offline/read-dataset-table';
export {
  type MaterializationJobInput,
  MaterializationService,
  type MaterializeFeaturesInput,
} from './online/materialization.service';
export type { OnlineFeatureValue } from './online/online-feature-value';
export { type ConsistencyReport, OnlineConsistency } from './online/online-consistency';
export { checkRequestInputCount, OnlineFeatures, type OnlineFeatureRow } from './online/online-features';
export type { OnlineStore, OnlineView } from './online/online-store';
export { RedisConnection } from './online/redis-connection';
export { PostgresOnlineStore } from './online/postgres-online-store';
export { RedisOnlineStore } from './online/redis-online-store';
export { FeatureQuality } from './quality/feature-quality';
export { defineScheduledQuality } from './quality/scheduled-quality';
export {
  type FeatureRowInput,
  isListDtype,
  isProblem,
  modelInputText,
  parseValue,
  toFeatureValue,
  toModelInput,
} from './rows/feature-value';
