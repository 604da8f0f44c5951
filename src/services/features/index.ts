/** Features: definitions, the offline and the online store, point-in-time datasets, and data quality. */
export { DatasetBuilder } from './datasets/dataset-builder';
export { DatasetDownloads, DATASETS_PATH } from './datasets/dataset-downloads';
export { type DatasetLabels } from './datasets/dataset-definition.policy';
export { type CreateDatasetInput, type DatasetRequest, DatasetService } from './datasets/dataset.service';
export { type ApplyEntityInput, EntityDefinitions } from './definitions/entity-definitions';
export {
  type ApplyFeatureServiceInput,
  type FeatureServiceRecord,
  ServiceDefinitions,
} from './definitions/service-definitions';
export { type ApplyFeatureViewInput, type FeatureViewRecord, ViewDefinitions } from './definitions/view-definitions';
export { FeatureIngest, type IngestFeaturesInput } from './ingest/feature-ingest';
export { sweepOfflineFiles } from './ingest/sweep-offline-files';
export { DuckDbEngine } from './offline/duckdb-engine';
export { type OfflineStore } from './offline/offline-store';
export { ParquetOfflineStore } from './offline/parquet-offline-store';
export { type DatasetFile, type DatasetTable, readDatasetTable } from './offline/read-dataset-table';
export {
  type MaterializationJobInput,
  MaterializationService,
  type MaterializeFeaturesInput,
} from './online/materialization.service';
export type { OnlineFeatureValue } from './online/online-feature-value';
export { OnlineFeatures, type OnlineFeatureRow } from './online/online-features';
export type { OnlineStore, OnlineView } from './online/online-store';
export { RedisConnection } from './online/redis-connection';
export { PostgresOnlineStore } from './online/postgres-online-store';
export { RedisOnlineStore } from './online/redis-online-store';
export { FeatureQuality } from './quality/feature-quality';
export {
  type FeatureRowInput,
  type FeatureValue,
  isProblem,
  modelInputText,
  parseValue,
  toFeatureValue,
  toModelInput,
} from './rows/feature-value';
