import type { FoldEvent } from '@bbb-activity/metrics/fold-event';
import type { TimerKind } from '@bbb-activity/metrics/session';
import { type Interval, type SessionTimeline, sessionTimelines } from '@bbb-activity/metrics/session-timeline';
import type { Store } from './client.js';
import { groupBy } from './group-by.js';
import { foldEventOf, type JournalEvent } from './journal.js';
import { readOccurrenceById } from './lock-occurrences.js';
import { getMeeting, type MeetingSummary } from './meeting-queries.js';
import { type OccurrenceJournal, readOccurrenceJournal, readPersonsEvents } from './occurrence-journal.js';
import { type ParticipantSummary, peopleOf } from './people-queries.js';
import type { ReadScope } from './read-scope.js';
import type { Statements } from './statements.js';
import { inSnapshot } from './transaction.js';

/** What one person did when; times are unix ms, in order. */
export interface PersonTimeline {
  readonly externalUserId: string;
  readonly name: string | null;
  /** A session each. */
  readonly presence: readonly Interval[];
  readonly talk: readonly Interval[];
  readonly microphone: readonly Interval[];
  readonly camera: readonly Interval[];
  readonly screenshare: readonly Interval[];
  readonly messages: readonly number[];
  readonly reactions: readonly { readonly at: number; readonly emoji: string }[];
  readonly hands: readonly number[];
  readonly pollAnswers: readonly number[];
}

export interface MeetingTimeline {
  readonly meeting: MeetingSummary;
  /** False where retention emptied the journal: then only presence is known. */
  readonly journal: boolean;
  /** By name. */
  readonly people: readonly PersonTimeline[];
}

/** How many people's events are held in memory at once. */
const PAGE = 100;

/**
 * What the people of a meeting did when, folded from its journal: the very times that their numbers are made of. Null where there is no such
 * meeting that may be read.
 */
export async function timelineOf(
  store: Store,
  scope: ReadScope,
  meetingId: string,
  now: number,
): Promise<MeetingTimeline | null> {
  const meeting = await getMeeting(store, scope, meetingId, now);
  if (meeting === null) return null;
  return inSnapshot(store, async (db) => {
    const people = (await peopleOf(db, [meetingId], now)).get(meetingId) ?? [];
    const occurrence = await readOccurrenceById(db, meetingId);
    const journal = occurrence === null || occurrence.sealed ? null : await readOccurrenceJournal(db, occurrence);
    if (journal === null) return { meeting, journal: false, people: people.map(presenceAlone) };
    return { meeting, journal: true, people: await foldAll(db, journal, people) };
  });
}

async function foldAll(
  db: Statements,
  journal: OccurrenceJournal,
  people: readonly ParticipantSummary[],
): Promise<PersonTimeline[]> {
  const flatEnds = toFold(journal.flatEnds);
  const timelines: PersonTimeline[] = [];
  for (let from = 0; from < people.length; from += PAGE) {
    const page = people.slice(from, from + PAGE);
    const persons = page.map(({ externalUserId }) => [externalUserId, journal.persons.get(externalUserId) ?? []] as const);
    const events = groupBy(await readPersonsEvents(db, journal.occurrence.id, persons), ({ personKey }) => personKey);
    for (const person of page) {
      const own = toFold(events.get(person.externalUserId) ?? []);
      timelines.push(toldTimeline(person, sessionTimelines([...own, ...flatEnds], journal.end)));
    }
  }
  return timelines;
}

function toFold(events: readonly JournalEvent[]): FoldEvent[] {
  return events.flatMap((event) => foldEventOf(event) ?? []);
}

function toldTimeline({ externalUserId, name }: ParticipantSummary, sessions: readonly SessionTimeline[]): PersonTimeline {
  const of = (timer: TimerKind) => sessions.flatMap(({ intervals }) => intervals[timer]);
  const counted = sessions.flatMap((session) => session.counted).sort((a, b) => a.at - b.at);
  const times = (kind: FoldEvent['kind']) => counted.filter((event) => event.kind === kind).map(({ at }) => at);
  return {
    externalUserId,
    name,
    presence: sessions.map(({ session }) => [session.inAt, session.outAt]),
    talk: of('talk'),
    microphone: of('microphone'),
    camera: of('camera'),
    screenshare: of('screenshare'),
    messages: times('message'),
    reactions: counted.flatMap(({ kind, at, emoji }) => (kind === 'reaction' && emoji !== null ? [{ at, emoji }] : [])),
    hands: times('hand_raised'),
    pollAnswers: times('poll_answered'),
  };
}

function presenceAlone({ externalUserId, name, sessionList }: ParticipantSummary): PersonTimeline {
  const presence = sessionList.map(({ inAt, outAt }): Interval => [inAt, outAt]);
  const none = { talk: [], microphone: [], camera: [], screenshare: [], messages: [], reactions: [], hands: [], pollAnswers: [] };
  return { externalUserId, name, presence, ...none };
}
