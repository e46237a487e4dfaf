import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import { differenceOf } from './mend-rows.js';
import { orphanedJournals } from './orphaned-journals.js';
import { type RebuildOptions, type RebuildReport, rebuildOccurrence } from './rebuild-occurrence.js';

/** How many ids are read at once. */
const PAGE = 500;

/**
 * Rebuilds every occurrence, oldest first, each in a transaction of its own. Holds one page of ids and one occurrence's report at a
 * time, whatever there is. What is made meanwhile is rebuilt too. Journals whose occurrence is gone come last: nothing can mend these, since
 * a journal does not tell which meeting it is of.
 */
export async function* rebuildAll(store: Store, options: RebuildOptions): AsyncGenerator<RebuildReport> {
  for (let after = '0'; ; ) {
    const page = await store.statements.query<{ id: string }>(Prisma.sql`
      SELECT m.id::text AS id FROM conference_meeting m WHERE m.id > ${after}::bigint ORDER BY m.id LIMIT ${PAGE}`);
    for (const { id } of page) {
      const report = await rebuildOccurrence(store, id, options);
      if (report !== null) yield report;
      after = id;
    }
    if (page.length < PAGE) break;
  }
  for await (const { meetingId, events } of orphanedJournals(store)) {
    const missing = differenceOf('conference_meeting', 'missing', { id: meetingId });
    yield { meetingId, sealed: false, orphanedEvents: events, differences: [missing] };
  }
}
