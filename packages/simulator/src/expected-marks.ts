import { expectedSessions, type PresumedEnd } from './expected-sessions.js';
import type { OccurrenceScript, RoomScript } from './meeting-script.js';
import { showsLife, type ToldEvent, type ToldOccurrence } from './told-event.js';
import { whoIsWho } from './who-is-who.js';

/** `register`: every meeting has rows. `known`: only those of a room that was announced. */
export type MeetingPolicy = 'register' | 'known';

/** What has arrived of an occurrence, as far as nothing but the words themselves can tell. */
export interface Heard {
  readonly externalId: string | null;
  readonly known: boolean;
  /** Time of its earliest event. */
  readonly createdAt: number;
}

/** Null where nothing was heard of the occurrence at all. */
export function heardOf({ events }: ToldOccurrence, room: readonly ToldOccurrence[], policy: MeetingPolicy): Heard | null {
  const heard = events.filter(isHeard);
  if (heard.length === 0) return null;
  const told = heard.find(({ meeting }) => meeting.internalId === null || meeting.externalId !== null)?.meeting.room ?? null;
  const announced = room.some((one) => one.events.some(({ meaning }) => meaning === 'announced'));
  return {
    externalId: told,
    known: policy === 'register' || (announced && told !== null),
    createdAt: Math.min(...heard.map(({ at }) => at)),
  };
}

/** Whether ingress takes it: it leaves names that it does not know. */
export function isHeard({ meaning }: ToldEvent): boolean {
  return meaning !== 'unheard_of';
}

/**
 * Which occurrences are presumed ended in the end (docs/metrics.md, "Presumed end"): those whose end had not been told when somebody
 * looked, that the BBB server or a later occurrence did not speak for, and of which nothing came since that shows them going on.
 */
export function presumedEnds(
  room: RoomScript,
  told: readonly ToldOccurrence[],
  policy: MeetingPolicy,
): Map<OccurrenceScript, PresumedEnd> {
  const early = told.map(({ script, events }) => ({ script, events: events.filter(({ late }) => !late) }));
  const heard = early.map((one) => ({ ...one, now: heardOf(one, early, policy) }));
  const ends = new Map<OccurrenceScript, PresumedEnd>();
  for (const [index, { script, events, now }] of heard.entries()) {
    const isLifted = told[index]?.events.some((event) => event.late && isHeard(event) && showsLife(event));
    const ended = script.internalId !== null && events.some(({ meaning }) => meaning === 'meeting_ended');
    const asleep = script.internalId === null && !isSomeoneInside(script);
    const signs = events.filter((event) => isHeard(event) && showsLife(event));
    if (now === null || !now.known || isLifted || ended || asleep || signs.length === 0) continue;
    const superseded =
      script.internalId !== null &&
      heard.some(
        (later) =>
          later.script.internalId !== null &&
          later.now?.known === true &&
          later.now.externalId !== null &&
          later.now.externalId === now.externalId &&
          later.now.createdAt > now.createdAt &&
          hasSession(later.script),
      );
    const by = superseded ? 'not_running' : answerOf(room, now);
    if (by !== null) ends.set(script, { at: Math.max(...signs.map(({ at }) => at)), by });
  }
  return ends;
}

function answerOf({ server }: RoomScript, { externalId }: Heard): 'not_running' | 'silence' | null {
  // Nobody can be asked about a room of no known name.
  if (externalId === null || server === 'refused') return 'silence';
  return server === 'running' ? null : 'not_running';
}

function isSomeoneInside(script: OccurrenceScript): boolean {
  return sessionsOf(script).some(({ outAt }) => outAt === null);
}

function hasSession(script: OccurrenceScript): boolean {
  return sessionsOf(script).length > 0;
}

function sessionsOf(script: OccurrenceScript) {
  return [...whoIsWho(script).values()].flatMap((connections) => expectedSessions(script, connections, null));
}
