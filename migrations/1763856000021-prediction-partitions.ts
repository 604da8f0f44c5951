import type { MigrationInterface, QueryRunner } from 'typeorm';

const PREDICTION_COLUMNS = `
  id uuid NOT NULL,
  model_id uuid NOT NULL REFERENCES models,
  model_version_id uuid NOT NULL REFERENCES model_versions,
  -- Null: outside of the traffic, made by a version that was asked for by name.
  variant text CHECK (variant IN ('PRIMARY', 'CANARY', 'SHADOW')),
  entity jsonb,
  features jsonb NOT NULL,
  -- Of the features that are not PRESENT only, since almost all are.
  feature_statuses jsonb NOT NULL DEFAULT '{}',
  features_hash text NOT NULL,
  feature_service_version_id uuid,
  probability double precision NOT NULL,
  label boolean NOT NULL,
  latency_ms real NOT NULL,
  actor text NOT NULL,
  request_id text NOT NULL,
  predicted_at timestamptz(3) NOT NULL`;

const OUTCOME_COLUMNS = `
  prediction_id uuid NOT NULL,
  outcome boolean NOT NULL,
  observed_at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now()`;

/** Both tables out of the way, with the names of their indexes. */
const SET_ASIDE = `
  ALTER TABLE predictions RENAME TO former_predictions;
  ALTER TABLE prediction_outcomes RENAME TO former_prediction_outcomes;
  ALTER INDEX predictions_pkey RENAME TO former_predictions_pkey;
  ALTER INDEX prediction_outcomes_pkey RENAME TO former_prediction_outcomes_pkey;
  DROP INDEX predictions_by_version, predictions_by_model;`;

/** Predictions and outcomes lie in partitions of one week, so that the oldest go as a whole; and are found by entity and time. */
export class PredictionPartitions1763856000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Every value as text, so that 12 and "12" are one key; jsonb has one order of keys.
      CREATE FUNCTION entity_as_texts(entity jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(entity)
      $$;

      ${SET_ASIDE}
      CREATE TABLE predictions (${PREDICTION_COLUMNS}, PRIMARY KEY (id, predicted_at)) PARTITION BY RANGE (predicted_at);
      CREATE INDEX predictions_by_version ON predictions (model_version_id, predicted_at, id);
      CREATE INDEX predictions_by_model ON predictions (model_id, predicted_at DESC, id DESC);
      -- Nearly all traffic is PRIMARY: that is found by model. The others are few.
      CREATE INDEX predictions_by_variant ON predictions (model_id, variant, predicted_at DESC, id DESC) WHERE variant <> 'PRIMARY';
      -- A digest, since a key may be longer than an index takes; who reads compares the texts too.
      CREATE INDEX predictions_by_entity ON predictions
        (model_id, (md5(entity_as_texts(entity)::text)::uuid), predicted_at DESC, id DESC) WHERE entity IS NOT NULL;

      -- No foreign key: dropping a partition of predictions would have to search all outcomes under an exclusive lock. Whoever records an outcome
      -- reads its prediction in the same transaction, and drop_prediction_partition takes both tables in that order: none is left behind.
      CREATE TABLE prediction_outcomes (
        ${OUTCOME_COLUMNS},
        -- That of the prediction.
        predicted_at timestamptz(3) NOT NULL,
        PRIMARY KEY (prediction_id, predicted_at)
      ) PARTITION BY RANGE (predicted_at);

      -- The application does not own the tables: these two functions make and drop partitions for it, by their own rule and nothing else. They give
      -- up rather than hold up predictions behind a lock that they wait for.
      CREATE FUNCTION make_prediction_partitions(moments timestamptz[]) RETURNS integer
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
      DECLARE
        week timestamp;
        parent text;
        part text;
        made integer := 0;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('mooring prediction partitions'));
        FOR week IN SELECT DISTINCT date_trunc('week', moment AT TIME ZONE 'UTC') FROM unnest(moments) AS moment ORDER BY 1 LOOP
          FOREACH parent IN ARRAY ARRAY['predictions', 'prediction_outcomes'] LOOP
            part := parent || to_char(week, '"_w"YYYYMMDD');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            -- Attached, not made as a partition: that would keep readers of all partitions out.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
              parent, part, week AT TIME ZONE 'UTC', (week + interval '7 days') AT TIME ZONE 'UTC');
            made := made + 1;
          END LOOP;
        END LOOP;
        RETURN made;
      END $$;

      -- The oldest week that ends by then and has ended: its bounds and what was in it; no row where there is none.
      CREATE FUNCTION drop_prediction_partition(before timestamptz)
      RETURNS TABLE (week_start timestamptz, week_end timestamptz, prediction_count bigint, outcome_count bigint)
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
      DECLARE
        suffix text;
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('mooring prediction partitions'));
        SELECT substring(relname FROM '_w\\d{8}$') INTO suffix
        FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'predictions'::regclass ORDER BY 1 LIMIT 1;
        week_start := to_date(suffix, '"_w"YYYYMMDD')::timestamp AT TIME ZONE 'UTC';
        week_end := week_start + interval '168 hours';
        IF suffix IS NULL OR week_end > least(before, now()) THEN RETURN; END IF;
        EXECUTE format('SELECT count(*) FROM %I', 'predictions' || suffix) INTO prediction_count;
        EXECUTE format('SELECT count(*) FROM %I', 'prediction_outcomes' || suffix) INTO outcome_count;
        EXECUTE format('DROP TABLE %I', 'predictions' || suffix);
        EXECUTE format('DROP TABLE %I', 'prediction_outcomes' || suffix);
        RETURN NEXT;
      END $$;
      REVOKE EXECUTE ON FUNCTION make_prediction_partitions(timestamptz[]), drop_prediction_partition(timestamptz) FROM PUBLIC;

      SELECT make_prediction_partitions(array(
        SELECT predicted_at FROM former_predictions UNION SELECT now() + make_interval(weeks => ahead) FROM generate_series(0, 4) AS ahead
      ));
      INSERT INTO predictions SELECT * FROM former_predictions;
      INSERT INTO prediction_outcomes
      SELECT outcome.*, predicted_at FROM former_prediction_outcomes AS outcome JOIN former_predictions ON id = prediction_id;
      DROP TABLE former_prediction_outcomes, former_predictions;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX predictions_by_entity, predictions_by_variant;
      ${SET_ASIDE}
      CREATE TABLE predictions (${PREDICTION_COLUMNS}, PRIMARY KEY (id));
      CREATE INDEX predictions_by_version ON predictions (model_version_id, predicted_at, id);
      CREATE INDEX predictions_by_model ON predictions (model_id, predicted_at DESC, id DESC);
      CREATE TABLE prediction_outcomes (${OUTCOME_COLUMNS}, PRIMARY KEY (prediction_id), FOREIGN KEY (prediction_id) REFERENCES predictions);
      INSERT INTO predictions SELECT * FROM former_predictions;
      INSERT INTO prediction_outcomes
      SELECT prediction_id, outcome, observed_at, actor, recorded_at FROM former_prediction_outcomes;
      DROP TABLE former_prediction_outcomes, former_predictions;
      DROP FUNCTION make_prediction_partitions(timestamptz[]), drop_prediction_partition(timestamptz), entity_as_texts(jsonb);
    `);
  }
}
