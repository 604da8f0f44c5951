import { Client } from 'pg';

/** One line per thing in schema public, by what it is and does; names that PostgreSQL gives (OIDs, creation order) are left out. */
const PARTS: Readonly<Record<string, string>> = {
  column: `
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || (CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END)
      || ' identity=' || a.attidentity::text || ' generated=' || a.attgenerated::text || ' default=' || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped`,
  relation: `
    SELECT relkind::text || ' ' || relname || ' ' || relpersistence::text || ' ' || coalesce(array_to_string(reloptions, ','), '') || ' owner=' || relowner::regrole::text
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'I')`,
  constraint: `
    SELECT coalesce(conrelid::regclass::text, '') || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace`,
  index: `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`,
  trigger: `
    SELECT pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal`,
  function: `SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')`,
  view: `SELECT viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'`,
  type: `
    SELECT t.typname || ' ' || coalesce((SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '')
    FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')`,
  extension: `SELECT extname FROM pg_extension`,
  comment: `
    SELECT c.relname || '.' || objsubid || ' ' || description FROM pg_description JOIN pg_class c ON c.oid = objoid AND classoid = 'pg_class'::regclass
    WHERE c.relnamespace = 'public'::regnamespace`,
};

/** The schema of a database as sorted lines, to be compared. */
export async function dumpSchema(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const lines: string[] = [];
    for (const [part, query] of Object.entries(PARTS)) {
      const { rows } = await client.query<[string]>({ text: query, rowMode: 'array' });
      lines.push(...rows.map(([line]) => `${part}: ${line}`));
    }
    return lines.sort();
  } finally {
    await client.end();
  }
}
