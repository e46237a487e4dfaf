import type { Store } from './client.js';
import { listMeetings, type MeetingFilter } from './meeting-queries.js';
import type { MeetingPeople } from './participant-queries.js';
import { peopleOf } from './people-queries.js';
import type { ReadScope } from './read-scope.js';
import { type Roster, readRoster } from './rosters.js';

/** Meetings whose people are in memory at once. */
const PAGE = 20;

/**
 * All meetings that may be read and that the filter lets pass, newest first, with their people at `now` (unix ms). Reads a few meetings ahead and no
 * more, so that memory does not grow with their number.
 */
export async function* walkMeetings(
  store: Store,
  scope: ReadScope,
  filter: MeetingFilter,
  now: number,
): AsyncGenerator<MeetingPeople, void, void> {
  let cursor: string | undefined;
  do {
    const page = await listMeetings(store, scope, { ...filter, now, limit: PAGE, cursor });
    const ids = page.items.map(({ id }) => id);
    const people = await peopleOf(store.statements, ids, now);
    const rosters = new Map<string, Roster | null>();
    for (const meeting of page.items) {
      const { accessUrlId, remoteId } = meeting;
      const room = `${accessUrlId}/${remoteId}`;
      if (remoteId !== null && !rosters.has(room)) rosters.set(room, await readRoster(store, accessUrlId, remoteId));
      const roster = rosters.get(room) ?? null;
      const own = people.get(meeting.id) ?? [];
      const here = new Set(own.map(({ externalUserId }) => externalUserId));
      const absentees = (roster?.people ?? []).filter(({ externalUserId }) => !here.has(externalUserId));
      yield { meeting, people: own, absentees, expected: roster?.people.length ?? null };
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
