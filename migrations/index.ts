import { Platform1763856000001 } from './1763856000001-platform';
import { Registry1763856000002 } from './1763856000002-registry';
import { Features1763856000003 } from './1763856000003-features';
import { Operation1763856000004 } from './1763856000004-operation';
import { RegistrySearch1763856000005 } from './1763856000005-registry-search';
import { ArtifactStorage1763856000006 } from './1763856000006-artifact-storage';
import { AuditHeads1763856000007 } from './1763856000007-audit-heads';
import { RegistryLifecycle1763856000008 } from './1763856000008-registry-lifecycle';
import { MlflowImport1763856000009 } from './1763856000009-mlflow-import';
import { Webhooks1763856000010 } from './1763856000010-webhooks';
import { WebhookAndRequestEnds1763856000011 } from './1763856000011-webhook-and-request-ends';
import { OnlineStores1763856000014 } from './1763856000014-online-stores';
import { FeatureQuality1763856000015 } from './1763856000015-feature-quality';
import { OnDemandFeatures1763856000016 } from './1763856000016-on-demand-features';
import { FeatureFiles1763856000017 } from './1763856000017-feature-files';
import { OfflineFiles1763856000018 } from './1763856000018-offline-files';
import { Schedules1763856000019 } from './1763856000019-schedules';
import { RequestInputs1763856000020 } from './1763856000020-request-inputs';
import { PredictionPartitions1763856000021 } from './1763856000021-prediction-partitions';
import { AlertRules1763856000022 } from './1763856000022-alert-rules';
import { LiveProfilesAndReportWindows1763856000023 } from './1763856000023-live-profiles-and-report-windows';
import { LineageOfUploadedVersions1763856000025 } from './1763856000025-lineage-of-uploaded-versions';

/** In order. A merged migration is never edited: add the next one. */
export const MIGRATIONS = [
  Platform1763856000001,
  Registry1763856000002,
  Features1763856000003,
  Operation1763856000004,
  RegistrySearch1763856000005,
  ArtifactStorage1763856000006,
  AuditHeads1763856000007,
  RegistryLifecycle1763856000008,
  MlflowImport1763856000009,
  Webhooks1763856000010,
  WebhookAndRequestEnds1763856000011,
  OnlineStores1763856000014,
  FeatureQuality1763856000015,
  OnDemandFeatures1763856000016,
  FeatureFiles1763856000017,
  OfflineFiles1763856000018,
  Schedules1763856000019,
  RequestInputs1763856000020,
  PredictionPartitions1763856000021,
  AlertRules1763856000022,
  LiveProfilesAndReportWindows1763856000023,
  LineageOfUploadedVersions1763856000025,
];
