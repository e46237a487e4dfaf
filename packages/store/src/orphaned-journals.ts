import type { Store } from './client.js';
import { Prisma } from './generated/client.js';

/** The journal of an occurrence whose row somebody deleted. */
export interface OrphanedJournal {
  readonly meetingId: string;
  readonly events: number;
}

/** How many are read at once. */
const PAGE = 500;

/**
 * Journals without an occurrence, which no foreign key prevents: batches and erasures write and delete both together, so that only
 * somebody's hand leaves one behind. Oldest first.
 */
export async function* orphanedJournals(store: Store): AsyncGenerator<OrphanedJournal, void, void> {
  for (let after = '0'; ; ) {
    const page = await store.statements.query<OrphanedJournal>(Prisma.sql`
      SELECT e.meeting_id::text AS "meetingId", count(*)::float8 AS events
      FROM conference_event e
      WHERE e.meeting_id > ${after}::bigint AND NOT EXISTS (SELECT 1 FROM conference_meeting m WHERE m.id = e.meeting_id)
      GROUP BY e.meeting_id
      ORDER BY e.meeting_id
      LIMIT ${PAGE}`);
    yield* page;
    after = page.at(-1)?.meetingId ?? after;
    if (page.length < PAGE) return;
  }
}
