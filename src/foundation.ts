import type { DataSource } from 'typeorm';
import type { Config } from './config';
import type { Logger } from './logger';
import type { Metrics } from './server/metrics';
import type { AuditTrail } from './services/audit';
import type { TokenService } from './services/identity';
import type { AuditHistory, RegistryReader } from './services/registry';

/** What is there before the services are: the database and what reads it. */
export interface Foundation {
  readonly config: Config;
  readonly logger: Logger;
  readonly databaseUrl: string;
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly auditHistory: AuditHistory;
  readonly registry: RegistryReader;
  readonly tokens: TokenService;
  readonly observer: Metrics;
}

/** What runs by itself. */
export interface Part {
  start?(): Promise<void> | void;
  stop(): Promise<void> | void;
}
