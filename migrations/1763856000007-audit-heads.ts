import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The heads of audit chains can only move on, and the audit trail can be listed over all chains by time. */
export class AuditHeads1763856000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_sequence_check CHECK (sequence > 0);
      CREATE INDEX audit_entries_by_time ON audit_entries (recorded_at, chain, sequence);

      -- A head starts before the first entry and goes on by one. A row that stays as it is may be written: that is how it is locked.
      CREATE FUNCTION refuse_head_jump() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'INSERT' AND NEW.sequence = 0 AND NEW.hash = decode(repeat('00', 32), 'hex') THEN RETURN NEW; END IF;
        IF TG_OP = 'UPDATE' AND (NEW IS NOT DISTINCT FROM OLD OR (NEW.chain = OLD.chain AND NEW.sequence = OLD.sequence + 1)) THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'the head of audit chain % can only move on by one entry: % is refused', coalesce(NEW.chain, OLD.chain), TG_OP
          USING ERRCODE = 'integrity_constraint_violation';
      END $$;
      CREATE TRIGGER audit_heads_move_on BEFORE INSERT OR UPDATE ON audit_heads FOR EACH ROW EXECUTE FUNCTION refuse_head_jump();
      CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
      CREATE TRIGGER audit_heads_no_truncate BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER audit_heads_no_truncate ON audit_heads;
      DROP TRIGGER audit_heads_no_delete ON audit_heads;
      DROP TRIGGER audit_heads_move_on ON audit_heads;
      DROP FUNCTION refuse_head_jump();
      DROP INDEX audit_entries_by_time;
      ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_sequence_check;
    `);
  }
}
