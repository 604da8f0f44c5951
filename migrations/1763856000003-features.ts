import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Entities, feature views and services with their versions; the offline manifest, the online store, datasets and data quality. */
export class Features1763856000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE feature_entities (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL UNIQUE,
        join_keys jsonb NOT NULL,
        description text NOT NULL DEFAULT '',
        owner text NOT NULL DEFAULT '',
        tags jsonb NOT NULL DEFAULT '{}',
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );

      CREATE TABLE feature_views (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL UNIQUE,
        entity_id uuid NOT NULL REFERENCES feature_entities,
        current_version integer NOT NULL DEFAULT 1,
        description text NOT NULL DEFAULT '',
        owner text NOT NULL DEFAULT '',
        tags jsonb NOT NULL DEFAULT '{}',
        field_descriptions jsonb NOT NULL DEFAULT '{}',
        quality_rules jsonb NOT NULL DEFAULT '[]',
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );
      -- A schema: fields and TTL. Immutable; a change makes the next one.
      CREATE TABLE feature_view_versions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        feature_view_id uuid NOT NULL REFERENCES feature_views,
        version integer NOT NULL,
        fields jsonb NOT NULL,
        ttl_seconds double precision CHECK (ttl_seconds > 0),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (feature_view_id, version)
      );

      CREATE TABLE feature_services (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL UNIQUE,
        current_version integer NOT NULL DEFAULT 1,
        description text NOT NULL DEFAULT '',
        owner text NOT NULL DEFAULT '',
        tags jsonb NOT NULL DEFAULT '{}',
        revision integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      );
      -- features: which fields of which view versions, and the names under which the model takes them. Immutable.
      CREATE TABLE feature_service_versions (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        feature_service_id uuid NOT NULL REFERENCES feature_services,
        version integer NOT NULL,
        features jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (feature_service_id, version)
      );

      -- Mooring's own order of committed batches, assigned under this row's lock: the watermark of materialization.
      CREATE TABLE ingest_sequence (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        last_sequence bigint NOT NULL
      );
      INSERT INTO ingest_sequence (last_sequence) VALUES (0);

      -- The manifest of the offline store: a Parquet file exists for readers if and only if its row is here.
      CREATE TABLE feature_batches (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        ingest_sequence bigint NOT NULL UNIQUE,
        feature_view_version_id uuid NOT NULL REFERENCES feature_view_versions,
        file text NOT NULL UNIQUE,
        row_count integer NOT NULL CHECK (row_count > 0),
        size_bytes bigint NOT NULL,
        min_event_timestamp timestamptz NOT NULL,
        max_event_timestamp timestamptz NOT NULL,
        actor text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX feature_batches_by_view ON feature_batches (feature_view_version_id, ingest_sequence);

      CREATE TABLE feature_quality_reports (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        feature_view_version_id uuid NOT NULL REFERENCES feature_view_versions,
        through_sequence bigint NOT NULL,
        row_count bigint NOT NULL,
        passed boolean NOT NULL,
        blocked boolean NOT NULL,
        results jsonb NOT NULL,
        statistics jsonb NOT NULL,
        actor text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX feature_quality_reports_by_view ON feature_quality_reports (feature_view_version_id, created_at DESC, id DESC);

      CREATE TABLE materializations (
        feature_view_version_id uuid PRIMARY KEY REFERENCES feature_view_versions,
        watermark bigint NOT NULL,
        row_count bigint NOT NULL,
        materialized_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE TABLE online_features (
        feature_view_version_id uuid NOT NULL,
        entity_key text NOT NULL,
        event_timestamp timestamptz NOT NULL,
        created_timestamp timestamptz,
        ingest_sequence bigint NOT NULL,
        feature_values jsonb NOT NULL,
        PRIMARY KEY (feature_view_version_id, entity_key)
      );

      CREATE TABLE datasets (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        status text NOT NULL CHECK (status IN ('BUILDING', 'READY', 'FAILED')),
        definition jsonb NOT NULL,
        feature_service_version_id uuid NOT NULL REFERENCES feature_service_versions,
        job_id uuid NOT NULL,
        file text,
        columns jsonb,
        statistics jsonb,
        warnings jsonb NOT NULL DEFAULT '[]',
        quality_passed boolean,
        row_count bigint,
        held_out_row_count bigint,
        size_bytes bigint,
        fingerprint text,
        min_event_timestamp timestamptz,
        max_event_timestamp timestamptz,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CHECK (status <> 'READY' OR (file IS NOT NULL AND fingerprint IS NOT NULL AND row_count IS NOT NULL))
      );
      CREATE INDEX datasets_newest ON datasets (created_at DESC, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE datasets, online_features, materializations, feature_quality_reports, feature_batches, ingest_sequence,
        feature_service_versions, feature_services, feature_view_versions, feature_views, feature_entities;
    `);
  }
}
