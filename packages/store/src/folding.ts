import { advance, type NumberedSession } from '@bbb-activity/metrics/fold';
import type { FoldEvent, MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { canAdvance, emptyState, type FoldState, readState } from '@bbb-activity/metrics/fold-state';
import { groupBy } from './group-by.js';
import { foldEventOf, type JournalEvent, readJournals, readMeetingEvents } from './journal.js';
import { deleteSurplusActivities, type ModernActivity, writeModernActivities } from './modern-activities.js';
import { isFlat, type Occurrence } from './occurrence.js';
import { type FoldedParticipant, type Naming, nameAfter, type Participant, UNNAMED, writeParticipants } from './participants.js';
import { deleteSurplusSessions, type WrittenSession, writeSessions } from './sessions.js';
import type { Statements } from './statements.js';

/** A participant and what is new about them. */
export interface FoldWork {
  readonly participant: Participant;
  readonly occurrence: Occurrence;
  /** The new end of the occurrence's sessions; null where it goes on. Always null for a flat occurrence that ended by an event. */
  readonly end: MeetingEnd | null;
  /** The participant's own new events. */
  readonly events: readonly JournalEvent[];
  /** New ends of a flat occurrence, which are events of every participant. */
  readonly flatEnds: readonly JournalEvent[];
  /** Whether earlier events are the participant's only now, or no longer: the journal is folded from the first one. */
  readonly again: boolean;
}

export interface FoldOutcome {
  /** Participants whose journal was folded again. */
  readonly refolded: number;
  /** Rows written. */
  readonly rows: number;
  readonly folded: readonly FoldedParticipant[];
  /** Participants who have no event any more, and are gone. */
  readonly emptied: readonly Participant[];
}

interface Results {
  readonly sessions: WrittenSession[];
  readonly folded: FoldedParticipant[];
  /** Participants whose journal was folded, and how many sessions each has then. */
  readonly counts: { participantId: string; count: number }[];
  /** Those among them who have no event any more. */
  readonly emptied: Participant[];
  readonly activities: ModernActivity[];
}

/**
 * Brings the rows of participants up to their journals: from the kept state where that can go on, else from the first event.
 *
 * @param locks whether the participants are locked, so that what their other rows are is left to the database
 */
export async function foldParticipants(db: Statements, work: readonly FoldWork[], locks: boolean): Promise<FoldOutcome> {
  const results: Results = { sessions: [], folded: [], counts: [], emptied: [], activities: [] };
  const again = work.filter((one) => !advanceFromState(one, results));
  await foldJournals(db, again, results);
  const { sessions, folded, counts, emptied } = results;
  const ids = counts.map(({ participantId }) => participantId);
  // Participants first: once they are written, nobody else is at their other rows. All are asked for at once, and run in this order.
  const [, , , , activities] = await Promise.all([
    writeParticipants(db, folded, emptied),
    deleteSurplusSessions(db, counts),
    deleteSurplusActivities(db, ids, results.activities),
    writeSessions(db, locks ? sessions.map((session) => ({ ...session, isThere: null })) : sessions),
    writeModernActivities(db, results.activities),
  ]);
  return { refolded: again.length, rows: sessions.length + activities, folded, emptied };
}

/** False where the state cannot go on. */
function advanceFromState(work: FoldWork, results: Results): boolean {
  const { participant, end, events } = work;
  const state = readState(participant.state);
  const foldEvents = toFold([...events, ...work.flatEnds]);
  if (work.again || state === null || !canAdvance(state, foldEvents, end)) return false;
  if (events.length === 0 && foldEvents.length === 0 && (end === null || state.end !== undefined)) return true;
  const advanced = advance(state, foldEvents, end);
  const { sessions, folded, activities } = results;
  for (const numbered of advanced.sessions) {
    sessions.push(writtenOf(participant, numbered, numbered.ordinal < state.next));
  }
  activities.push(...activitiesOf(participant, events));
  // A key that is new behind a spread costs microseconds, one before it nothing (docs/decisions/object-spread.md).
  folded.push({
    naming: nameAfter(participant, events),
    ...participant,
    state: advanced.state,
    lastAt: latest(participant.lastAt, events),
  });
  return true;
}

/** All that the fold makes of one participant's whole journal. */
export interface WholeFold {
  readonly sessions: readonly NumberedSession[];
  readonly state: FoldState;
  readonly naming: Naming;
  readonly lastAt: number | null;
}

/** Folds a participant from the first event on; `flatEnds` are the ends of a flat occurrence, which are events of every participant. */
export function foldWhole(events: readonly JournalEvent[], flatEnds: readonly JournalEvent[], end: MeetingEnd | null): WholeFold {
  const { sessions, state } = advance(emptyState(), toFold([...events, ...flatEnds]), end);
  return { sessions, state, naming: nameAfter(UNNAMED, events), lastAt: latest(null, events) };
}

async function foldJournals(db: Statements, work: readonly FoldWork[], results: Results): Promise<void> {
  if (work.length === 0) return;
  const journals = groupBy(
    await readJournals(
      db,
      work.map(({ participant }) => participant),
    ),
    (event) => event.participantId,
  );
  const flat = new Set(work.map(({ occurrence }) => occurrence).filter(isFlat));
  const flatIds = [...new Set([...flat].map(({ id }) => id))];
  const flatEnds = groupBy(await readMeetingEvents(db, flatIds, ['meeting_ended']), (event) => event.meetingId);
  for (const { participant, end } of work) {
    const events = journals.get(participant.id) ?? [];
    if (events.length === 0) {
      results.emptied.push(participant);
      continue;
    }
    const { sessions, ...folded } = foldWhole(events, flatEnds.get(participant.meetingId) ?? [], end);
    results.sessions.push(...sessions.map((numbered) => writtenOf(participant, numbered, null)));
    results.activities.push(...activitiesOf(participant, events));
    results.folded.push({ ...participant, ...folded });
    results.counts.push({ participantId: participant.id, count: sessions.length });
  }
}

function toFold(events: readonly JournalEvent[]): FoldEvent[] {
  return events.flatMap((event) => foldEventOf(event) ?? []);
}

function writtenOf(
  { meetingId, id }: Participant,
  { ordinal, session }: NumberedSession,
  isThere: boolean | null,
): WrittenSession {
  return { meetingId, participantId: id, ordinal, session, isThere };
}

/** The modern endpoint's own activities among a participant's events. */
export function activitiesOf(
  { meetingId, id }: Pick<Participant, 'meetingId' | 'id'>,
  events: readonly JournalEvent[],
): ModernActivity[] {
  return events.filter((event) => event.kind === 'activity').map((event) => ({ meetingId, participantId: id, event }));
}

function latest(lastAt: number | null, events: readonly JournalEvent[]): number | null {
  return events.reduce<number | null>((latestAt, { at }) => (latestAt === null || at > latestAt ? at : latestAt), lastAt);
}
