import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { Prisma } from './generated/client.js';
import { occurrenceNameOf } from './occurrence.js';
import { asJson, asMs, type Statements } from './statements.js';

/** What the key of a flat occurrence becomes when it is sealed, so that the room's next event makes a new one. */
export function sealedFlatKey(id: string, key: string): string {
  return `s:${id}:${key}`;
}

/**
 * The events of flat rooms that are not later than the last event of a sealed occurrence of their room: they are of that one
 * (docs/metrics.md, "Sealed occurrences"). Gives their identities; asks nothing where no event is flat.
 */
export async function eventsOfSealedRooms(db: Statements, events: readonly ConferenceEvent[]): Promise<Set<string>> {
  const flat = events.filter((event) => event.meeting.internalId === null);
  if (flat.length === 0) return new Set();
  const rooms = [
    ...new Map(
      flat.map((event) => [
        occurrenceNameOf(event),
        { accessUrlId: event.accessUrlId, remoteId: event.meeting.externalId ?? '', name: occurrenceNameOf(event) },
      ]),
    ).values(),
  ];
  const found = await db.query<{ name: string; until: number }>(Prisma.sql`
    SELECT r.name, ${asMs('max(m.sealed_until)')} AS until
    FROM jsonb_to_recordset(${asJson(rooms)}) AS r("accessUrlId" int, "remoteId" text, name text)
    JOIN conference_meeting m ON m.access_url_id = r."accessUrlId" AND m.remote_id = r."remoteId"
    WHERE m.internal_meeting_id IS NULL AND m.sealed_at IS NOT NULL
    GROUP BY r.name`);
  const until = new Map(found.map((room) => [room.name, room.until]));
  return new Set(
    flat
      .filter((event) => event.at <= (until.get(occurrenceNameOf(event)) ?? Number.NEGATIVE_INFINITY))
      .map((event) => event.identity),
  );
}

/** Those of the events that the journal does not know. */
export async function unknownToJournal(db: Statements, events: readonly ConferenceEvent[]): Promise<ConferenceEvent[]> {
  if (events.length === 0) return [];
  const known = await db.query<{ identity: string }>(Prisma.sql`
    SELECT encode(e.identity, 'hex') AS identity
    FROM conference_event e
    WHERE e.identity IN (SELECT decode(i, 'hex') FROM jsonb_array_elements_text(${asJson(events.map(({ identity }) => identity))}) AS n(i))`);
  const identities = new Set(known.map(({ identity }) => identity));
  return events.filter(({ identity }) => !identities.has(identity));
}
