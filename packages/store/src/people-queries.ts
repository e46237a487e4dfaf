import { type ParticipantTotals, participantTotals } from '@bbb-activity/metrics/participant-totals';
import type { Session } from '@bbb-activity/metrics/session';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import { arrayOf } from './rows-as.js';
import { readSessionsOf } from './sessions.js';
import type { Statements } from './statements.js';

/** One participant's numbers over all their sessions in a meeting, seconds whole. */
export interface ParticipantSummary extends ParticipantTotals {
  /** The internal user id where no event told an external one. */
  readonly externalUserId: string;
  readonly name: string | null;
  readonly firstJoinedAt: number;
  /** Unix ms; null while the person is inside. */
  readonly lastLeftAt: number | null;
  /** In order; none is missing. */
  readonly sessionList: readonly Session[];
}

/**
 * The people who had a session in each of these meetings, with their numbers at `now` (unix ms), sorted by name and id. It does not ask
 * whether the meetings may be read: the caller has their ids from a query that did.
 */
export async function peopleOf(
  db: Statements,
  meetingIds: readonly string[],
  now: number,
): Promise<Map<string, ParticipantSummary[]>> {
  if (meetingIds.length === 0) return new Map();
  const people = await db.query<{ id: string; meetingId: string; personKey: string; name: string | null }>(Prisma.sql`
    SELECT p.id::text AS id, p.meeting_id::text AS "meetingId", p.person_key AS "personKey", p.name
    FROM participant p
    WHERE p.meeting_id = ANY(${arrayOf(meetingIds, 'bigint')})`);
  const sessions = groupBy(await readSessionsOf(db, meetingIds), (stored) => stored.participantId);
  const rows = people.flatMap(({ id, meetingId, personKey, name }) => {
    const own = (sessions.get(id) ?? []).map((stored) => stored.session);
    const [first] = own;
    const last = own.at(-1);
    if (first === undefined || last === undefined) return [];
    const summary: ParticipantSummary = {
      externalUserId: personKey,
      name,
      firstJoinedAt: first.inAt,
      lastLeftAt: last.outAt,
      sessionList: own,
      ...participantTotals(own, now),
    };
    return [{ meetingId, summary }];
  });
  const byMeeting = groupBy(rows, ({ meetingId }) => meetingId);
  return new Map([...byMeeting].map(([id, found]) => [id, found.map(({ summary }) => summary).sort(byNameAndId)]));
}

/** É stands with E, and user 9 before user 10, whatever the language. */
const byLetter = new Intl.Collator('und', { numeric: true });

interface Named {
  readonly name: string | null;
  readonly externalUserId: string;
}

/** The order of people in every list. */
export function byNameAndId(a: Named, b: Named): number {
  return byLetter.compare(a.name ?? '', b.name ?? '') || byLetter.compare(a.externalUserId, b.externalUserId);
}
