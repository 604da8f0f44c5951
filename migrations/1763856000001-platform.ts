import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Identity, audit, events, jobs, lineage, idempotency: what every domain stands on. */
export class Platform1763856000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Append-only tables share this guard; it fires for every role, the owner included.
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
      END $$;

      CREATE TABLE api_tokens (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL CHECK (name <> ''),
        actor text NOT NULL CHECK (actor <> ''),
        roles text[] NOT NULL,
        token_hash bytea NOT NULL UNIQUE,
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3),
        revoked_at timestamptz(3)
      );

      -- One hash chain per model ('model:<uuid>') and one for the rest ('platform').
      CREATE TABLE audit_heads (
        chain text PRIMARY KEY,
        sequence bigint NOT NULL,
        hash bytea NOT NULL
      );
      CREATE TABLE audit_entries (
        chain text NOT NULL,
        sequence bigint NOT NULL,
        recorded_at timestamptz(3) NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        details jsonb NOT NULL,
        request_id text NOT NULL,
        previous_hash bytea NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (chain, sequence)
      );
      CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
      CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- The transactional outbox. The relay alone writes sequence; it is gap-free and in the order of relaying.
      CREATE TABLE outbox_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        type text NOT NULL,
        model_id uuid,
        payload jsonb NOT NULL,
        actor text NOT NULL,
        request_id text NOT NULL,
        occurred_at timestamptz(3) NOT NULL DEFAULT now(),
        sequence bigint UNIQUE
      );
      CREATE INDEX outbox_events_waiting ON outbox_events (id) WHERE sequence IS NULL;
      CREATE TABLE event_sequence (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        last_sequence bigint NOT NULL,
        pruned_through bigint NOT NULL DEFAULT 0
      );
      INSERT INTO event_sequence (last_sequence) VALUES (0);
      -- Where each durable consumer inside the server (the drift trigger, for one) has got to.
      CREATE TABLE event_consumers (
        name text PRIMARY KEY,
        last_sequence bigint NOT NULL
      );

      CREATE TABLE jobs (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL,
        status text NOT NULL DEFAULT 'QUEUED' CHECK (status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
        subject text NOT NULL,
        input jsonb NOT NULL,
        progress_ratio double precision NOT NULL DEFAULT 0 CHECK (progress_ratio BETWEEN 0 AND 1),
        progress_message text NOT NULL DEFAULT '',
        error_code text,
        error_message text,
        attempt integer NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        actor text NOT NULL,
        request_id text NOT NULL,
        worker_id uuid,
        heartbeat_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        started_at timestamptz(3),
        finished_at timestamptz(3)
      );
      CREATE INDEX jobs_unfinished ON jobs (created_at) WHERE status IN ('QUEUED', 'RUNNING');

      -- from_node was used to make to_node; nodes are 'Kind:key', as in global ids.
      CREATE TABLE lineage_edges (
        from_node text NOT NULL,
        to_node text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (from_node, to_node)
      );
      CREATE INDEX lineage_edges_upstream ON lineage_edges (to_node);

      CREATE TABLE idempotency_keys (
        actor text NOT NULL,
        mutation text NOT NULL,
        key text NOT NULL,
        input_hash bytea NOT NULL,
        response jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (actor, mutation, key)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE idempotency_keys, lineage_edges, jobs, event_consumers, event_sequence, outbox_events, audit_entries, audit_heads, api_tokens;
      DROP FUNCTION refuse_change();
    `);
  }
}
