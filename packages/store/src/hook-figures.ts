import { Prisma } from './generated/client.js';
import { asMs, type Statements } from './statements.js';

/** What is written down of the hooks of one access URL, in figures. */
export interface HookFigures {
  readonly accessUrlId: number;
  /** Hooks that are on the BBB server, as far as is known. */
  readonly registered: number;
  /** When the server last answered the watch, in unix ms; null where it never did. */
  readonly answeredAt: number | null;
  /** Whether it answered the last time; null where it was never asked. */
  readonly reachable: boolean | null;
  /** What is wrong now, by its cause (docs/hooks.md, "History"), and how often. */
  readonly open: Readonly<Record<string, number>>;
  /** Stretches of time in the last 24 hours of which events may be missing, by their cause. */
  readonly gapsOfLastDay: Readonly<Record<string, number>>;
}

interface Row extends Omit<HookFigures, 'open' | 'gapsOfLastDay'> {
  readonly causes: readonly string[];
  readonly open: readonly number[];
  readonly gaps: readonly number[];
}

/** Of each access URL of which anything is written down. Asks no BBB server. */
export async function hookFigures(db: Statements): Promise<HookFigures[]> {
  const rows = await db.query<Row>(Prisma.sql`
    SELECT ids.id AS "accessUrlId",
      (SELECT count(*)::int FROM webhook_hook k WHERE k.access_url_id = ids.id) AS registered,
      ${asMs('s.answered_at')} AS "answeredAt",
      CASE WHEN s.answered_at IS NULL AND s.failing_since IS NULL THEN NULL ELSE s.failing_since IS NULL END AS reachable,
      COALESCE(h.causes, '{}') AS causes, COALESCE(h.open, '{}') AS open, COALESCE(h.gaps, '{}') AS gaps
    FROM (SELECT access_url_id AS id FROM webhook_server UNION SELECT access_url_id FROM webhook_hook) AS ids
    LEFT JOIN webhook_server s ON s.access_url_id = ids.id
    LEFT JOIN LATERAL (
      SELECT array_agg(c.event) AS causes, array_agg(c.open) AS open, array_agg(c.gaps) AS gaps FROM (
        SELECT e.event, count(*) FILTER (WHERE e.to_at IS NULL)::int AS open,
          count(*) FILTER (WHERE e.to_at IS NULL OR e.to_at > now() - interval '24 hours')::int AS gaps
        FROM webhook_hook_history e
        WHERE e.access_url_id = ids.id AND e.from_at IS NOT NULL
        GROUP BY e.event
      ) AS c
    ) AS h ON true
    ORDER BY ids.id`);
  return rows.map(({ causes, open, gaps, ...row }) => ({
    ...row,
    open: byCause(causes, open),
    gapsOfLastDay: byCause(causes, gaps),
  }));
}

function byCause(causes: readonly string[], counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(causes.map((cause, index) => [cause, counts[index] ?? 0]));
}
