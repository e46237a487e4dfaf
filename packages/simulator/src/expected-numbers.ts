import { type Heard, heardOf, isHeard, type MeetingPolicy, presumedEnds } from './expected-marks.js';
import { type ExpectedSession, expectedSessions, type PresumedEnd } from './expected-sessions.js';
import type { OccurrenceScript, RoomScript } from './meeting-script.js';
import type { ToldEvent, ToldOccurrence } from './told-event.js';
import { personOf, whoIsWho } from './who-is-who.js';

/** What the rows of one occurrence must hold. Times are unix ms. */
export interface ExpectedOccurrence {
  readonly internalId: string | null;
  /** Null where no event tells it. */
  readonly externalId: string | null;
  /** Time of its earliest event. */
  readonly createdAt: number;
  /** The first end is final; of a flat occurrence it is the last that is told. */
  readonly endedAt: number | null;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  /** When it closed by what was heard or presumed; null where it goes on. */
  readonly closedAt: number | null;
  /** Whether it has rows, or waits for its room to be announced. */
  readonly known: boolean;
  /** As the announcement says that was signed last; null where there is none. */
  readonly announced: { readonly at: number; readonly title: string | null } | null;
  /** By external user id, or by the internal id that stands for a person whom no event names. */
  readonly people: Readonly<Record<string, ExpectedPerson>>;
}

export interface ExpectedPerson {
  /** Null where no event tells it. */
  readonly name: string | null;
  readonly sessions: readonly ExpectedSession[];
}

export interface ExpectedBy {
  readonly policy: MeetingPolicy;
  /** Whether somebody looked for meetings that ended unheard, before the late events were told. */
  readonly looked: boolean;
}

/**
 * The numbers of a room's occurrences, from its script (docs/metrics.md). What their events tell is asked only for what else nothing can
 * say: which names and ids were told at all, and when each was first and last heard of.
 */
export function expectedNumbers(
  room: RoomScript,
  told: readonly ToldOccurrence[],
  { policy, looked }: ExpectedBy,
): ExpectedOccurrence[] {
  const presumed = looked ? presumedEnds(room, told, policy) : new Map<OccurrenceScript, PresumedEnd>();
  return told.flatMap((one) => {
    const heard = heardOf(one, told, policy);
    return heard === null ? [] : [expectedOccurrence(one, heard, presumed.get(one.script) ?? null)];
  });
}

function expectedOccurrence({ script, events }: ToldOccurrence, { known, ...told }: Heard, presumed: PresumedEnd | null) {
  const heard = events.filter(isHeard);
  const isFlat = script.internalId === null;
  const endedAt = (isFlat ? script.endedAt.at(-1) : script.endedAt[0]) ?? null;
  // A room without internal ids goes on when somebody was heard of after its end.
  const lastAt = isFlat && known ? Math.max(...heard.filter(({ user }) => user !== null).map(({ at }) => at)) : 0;
  return {
    internalId: script.internalId,
    ...told,
    known,
    endedAt,
    presumedEnd: presumed?.by ?? null,
    closedAt: presumed?.at ?? (endedAt !== null && lastAt > endedAt ? null : endedAt),
    announced: announcedOf(events),
    people: known ? expectedPeople(script, heard, presumed) : {},
  };
}

function announcedOf(events: readonly ToldEvent[]): ExpectedOccurrence['announced'] {
  const announcements = events.filter(({ meaning }) => meaning === 'announced').sort((a, b) => a.at - b.at);
  const last = announcements.at(-1);
  return last === undefined ? null : { at: last.at, title: last.title };
}

function expectedPeople(
  script: OccurrenceScript,
  heard: readonly ToldEvent[],
  presumed: PresumedEnd | null,
): Record<string, ExpectedPerson> {
  const ownersOf = new Map(
    script.people.flatMap((person) => person.connections.map((one) => [one.internalId, personOf(person, one)] as const)),
  );
  const keyOf = ({ user }: ToldEvent) => user?.externalId ?? ownersOf.get(user?.internalId ?? null) ?? null;
  const names = new Map(heard.flatMap((event) => (event.user?.name == null ? [] : [[keyOf(event), event.user.name] as const])));
  const people: Record<string, ExpectedPerson> = {};
  for (const key of heard.filter(({ user }) => user !== null).map(keyOf)) {
    if (key === null || people[key] !== undefined) continue;
    people[key] = { name: names.get(key) ?? null, sessions: expectedSessions(script, whoIsWho(script).get(key) ?? [], presumed) };
  }
  return people;
}
