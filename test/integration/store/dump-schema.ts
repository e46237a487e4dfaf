import pg from 'pg';

const HEADER = `-- What the migrations make, read from PostgreSQL's catalogue: for people to read and for
-- test/integration/store/golden-schema.test.ts to compare. Nothing is run from here. Made by: npm run schema:dump
`;

/**
 * The schema of a database as text: tables with their columns, constraints, indices, triggers and storage options, and whatever else
 * is there, in an order that depends on names alone (columns keep theirs). Prisma's own table is left out.
 */
export async function dumpSchema(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Definitions are told without the schema's name where it is on the path, and with quotes as needed.
    await client.query('SET search_path = public');
    const { rows: tables } = await client.query<{ name: string; options: string | null; body: string; rest: string[] }>(TABLES);
    const { rows: others } = await client.query<{ line: string }>(OTHERS);
    const blocks = tables.map(({ name, options, body, rest }) =>
      [
        `CREATE TABLE ${name} (\n${body}\n)${options === null ? '' : ` WITH (${options})`};`,
        ...rest.map((line) => `${line};`),
      ].join('\n'),
    );
    return [HEADER, blocks.join('\n\n'), ...others.map(({ line }) => `\n${line}`)].join('\n').concat('\n');
  } finally {
    await client.end();
  }
}

const TABLES = `
  SELECT quote_ident(t.relname) AS name, array_to_string(t.reloptions, ', ') AS options,
    (
      SELECT string_agg('  ' || line, E',\\n' ORDER BY part, place, line COLLATE "C")
      FROM (
        SELECT 1 AS part, a.attnum AS place,
          quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
            || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
            || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
            || CASE WHEN a.attgenerated <> '' THEN ' -- generated' WHEN a.attidentity <> '' THEN ' -- identity' ELSE '' END AS line
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 2, 0, 'CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid)
        FROM pg_constraint c
        WHERE c.conrelid = t.oid AND c.contype <> 'n'
      ) AS lines
    ) AS body,
    ARRAY(
      SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
      WHERE i.indrelid = t.oid AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = t.oid)
      ORDER BY pg_get_indexdef(i.indexrelid) COLLATE "C"
    ) || ARRAY(SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g WHERE g.tgrelid = t.oid AND NOT g.tgisinternal ORDER BY g.tgname) AS rest
  FROM pg_class t
  WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND t.relname <> '_prisma_migrations'
  ORDER BY t.relname COLLATE "C"`;

/** Sequences that belong to a column are told by its default. */
const OTHERS = `
  SELECT line FROM (
    SELECT '-- ' || CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'relation' END
      || ' ' || quote_ident(c.relname) AS line
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('r', 'p', 'i', 'I', 't')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)
    UNION ALL
    SELECT '-- function ' || p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT '-- type ' || y.oid::regtype FROM pg_type y
    WHERE y.typnamespace = 'public'::regnamespace AND y.typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT '-- extension ' || e.extname FROM pg_extension e WHERE e.extname <> 'plpgsql'
  ) AS found
  ORDER BY line COLLATE "C"`;
