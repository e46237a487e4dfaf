import { hkdfSync } from 'node:crypto';
import type { ConferenceEvent, EventKind } from '@bbb-activity/events/conference-event';
import { readDelivery } from '@bbb-activity/events/read-delivery';
import { readModern } from '@bbb-activity/events/read-modern';
import { fold } from '@bbb-activity/metrics/fold';
import { FOLD_KINDS, type FoldEvent, type FoldKind } from '@bbb-activity/metrics/fold-event';
import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import type { MeetingPolicy } from '@bbb-activity/simulator/expected-marks';
import type { PlannedRequest } from '@bbb-activity/simulator/planned-request';
import type { OccurrenceRows, PersonRows, SessionRows } from './rows.js';

/** The key that ingress makes of IDENTITY_KEY. */
export function identityKeyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'bbb-activity event identity', 32));
}

/** All events of the requests, as ingress reads them; each as often as it is sent. */
export function readRequests(requests: readonly PlannedRequest[], identityKey: Buffer): ConferenceEvent[] {
  return requests.flatMap(({ endpoint, contentType, body, mid, signedSeconds }) => {
    const input = {
      contentType,
      body: Buffer.from(body),
      accessUrlId: 1,
      receivedAt: 1,
      requestId: 'law',
      identityKey,
      maxEvents: 1_000,
    };
    const { events, malformed, excess } =
      endpoint === 'legacy'
        ? readDelivery({ ...input, mid })
        : readModern({ ...input, accessUrlIds: [input.accessUrlId], mid: null, signedSeconds: signedSeconds ?? 1 });
    if (malformed.length + excess > 0) throw new Error(`a generated request cannot be read: ${JSON.stringify(malformed)}`);
    return events;
  });
}

/** Which occurrences are marked as presumed ended, by internal id (null for the one without). */
export type Marks = ReadonlyMap<string | null, 'not_running' | 'silence'>;

const NO_SIGNS_OF_LIFE: readonly EventKind[] = ['noted', 'meeting_announced', 'recording_announced'];

/** Whether it shows that its meeting goes on (docs/metrics.md, "Presumed end"). */
export function showsLife({ kind }: ConferenceEvent): boolean {
  return !NO_SIGNS_OF_LIFE.includes(kind);
}

/**
 * `fold(sort(unique(events)))` of each occurrence of a room, as rows (docs/metrics.md, "The law"): its inputs are the events, their end and
 * the mark of a presumed one. The pure packages alone, with no store.
 */
export function foldWhole(sent: readonly ConferenceEvent[], policy: MeetingPolicy, marks: Marks): OccurrenceRows[] {
  const announced = sent.some(({ kind }) => kind === 'meeting_announced');
  const unique = [...new Map(sent.map((event) => [event.identity, event])).values()].sort(byTimeAndIdentity);
  return [...new Set(unique.map(({ meeting }) => meeting.internalId))].map((internalId) => {
    const events = unique.filter(({ meeting }) => meeting.internalId === internalId);
    const ends = events.filter(({ kind }) => kind === 'meeting_ended').map(({ at }) => at);
    const [firstEnd] = ends;
    const endedAt = (internalId === null ? ends.at(-1) : firstEnd) ?? null;
    const presumedEnd = marks.get(internalId) ?? null;
    const lastSign = events.findLast(showsLife)?.at ?? null;
    const presumed = presumedEnd === null || lastSign === null ? null : { at: lastSign, by: presumedEnd };
    const heard = internalId === null || endedAt === null ? null : { at: endedAt, by: 'meeting_ended' as const };
    const end = presumed ?? heard;
    const externalId = events.find(({ meeting }) => meeting.externalId !== null)?.meeting.externalId ?? null;
    const known = policy === 'register' || (announced && externalId !== null);
    const goesOn = internalId === null && known && events.some(({ at, person }) => person !== null && at > (endedAt ?? at));
    const personOf = personsOf(events);
    const people: Record<string, PersonRows> = {};
    for (const key of new Set(events.map(personOf))) {
      if (key === null || !known) continue;
      const own = events.filter((event) => personOf(event) === key);
      const flatEnds = internalId === null ? events.filter(({ kind }) => kind === 'meeting_ended') : [];
      people[key] = {
        name: own.findLast(({ person }) => person?.name)?.person?.name ?? null,
        sessions: fold([...own, ...flatEnds].flatMap(toFold), end).map(
          ({ inAt, outAt, closedBy, elapsed, running, talkSeen, ...session }): SessionRows => ({
            ...{ inAt, outAt, closedBy, elapsed, running },
            talkSeen,
            messages: session.messages,
            reactions: session.reactions,
            reactionsBreakdown: session.reactionsBreakdown,
            hands: session.hands,
            pollAnswers: session.pollAnswers,
            metrics: metricsDocument({ inAt, outAt, closedBy, elapsed, running, talkSeen, ...session }),
          }),
        ),
      };
    }
    return {
      internalId,
      externalId,
      createdAt: events[0]?.at ?? Number.NaN,
      endedAt,
      presumedEnd,
      closedAt: presumedEnd === null ? (goesOn ? null : endedAt) : lastSign,
      known,
      announced: announcedOf(events),
      people,
    };
  });
}

/** The last signed tells. */
function announcedOf(events: readonly ConferenceEvent[]): OccurrenceRows['announced'] {
  const last = events.findLast(({ kind }) => kind === 'meeting_announced');
  return last === undefined ? null : { at: last.at, title: last.details.meeting?.title ?? null };
}

function byTimeAndIdentity(a: ConferenceEvent, b: ConferenceEvent): number {
  return a.at - b.at || (a.identity < b.identity ? -1 : 1);
}

/** Who is meant (docs/metrics.md, "Person"); the events are in order. */
function personsOf(events: readonly ConferenceEvent[]): (event: ConferenceEvent) => string | null {
  const ties = new Map<string, string>();
  for (const { person } of events) {
    const { internalId = null, externalId = null } = person ?? {};
    if (internalId !== null && externalId !== null && !ties.has(internalId)) ties.set(internalId, externalId);
  }
  return ({ person }) => {
    if (person === null) return null;
    const { internalId, externalId } = person;
    return externalId ?? (internalId === null ? null : (ties.get(internalId) ?? internalId));
  };
}

const isFoldKind = (kind: EventKind): kind is FoldKind => FOLD_KINDS.some((known) => known === kind);

function toFold({ identity, at, kind, person, details }: ConferenceEvent): FoldEvent[] {
  if (!isFoldKind(kind)) return [];
  const { stream = null, emoji = null, hand = null } = details;
  return [{ identity, at, kind, connection: person?.internalId ?? null, stream, emoji, hand }];
}
