import type { ConferenceEvent, EventKind } from '@bbb-activity/events/conference-event';
import type { BatchMemory } from './batch-memory.js';
import { writeJournal } from './journal.js';
import { type LockedOccurrence, lockOccurrences, type MeetingPolicy, type Plan, planFrom } from './lock-occurrences.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { isFlat, occurrenceName, occurrenceNameOf, tellingsOf } from './occurrence.js';
import { type Participant, personName, readParticipants } from './participants.js';
import { eventsOfSealedRooms, unknownToJournal } from './sealed-occurrences.js';
import type { Statements } from './statements.js';
import { lockTies, type PersonPlace, type PlacedEvent, type Ties } from './ties.js';

/** A batch in the journal, with the locks that its fold needs. */
export interface JournalledBatch {
  readonly locked: readonly LockedOccurrence[];
  readonly ties: Ties;
  /** Events that the journal did not have. */
  readonly fresh: readonly PlacedEvent[];
  /** Of the rows that this transaction writes; null where it has written nothing. */
  readonly revision: string | null;
  /** Events of sealed occurrences that the journal does not know. */
  readonly sealed: readonly ConferenceEvent[];
  /** Participants who need not be read any more, by {@link personName}. */
  readonly found: ReadonlyMap<string, Participant>;
}

/** What a process remembers, and the tenure in which it does. */
export interface TenureMemory {
  readonly memory: BatchMemory;
  readonly tenure: string;
}

/**
 * Locks what a batch needs and journals its events. Where all its occurrences are remembered, and nothing of them changes, the statements go in one message:
 * what they ask for is made from what is remembered, and compared with what was locked, before anything is made of it.
 *
 * @throws LockPlanOutdatedError where what was read or remembered turned out to be old.
 */
export async function journalBatch(
  db: Statements,
  events: readonly ConferenceEvent[],
  policy: MeetingPolicy,
  remembered: TenureMemory | null,
): Promise<JournalledBatch> {
  const tellings = tellingsOf(events);
  const plan = tellings.some(isFlat) ? null : planFrom(remembered?.memory.occurrences ?? null, tellings, policy);
  if (plan === null || remembered === null || plan.rows.some(({ sealed }) => sealed))
    return journalInSteps(db, events, policy, remembered);

  const { memory } = remembered;
  const guessed = new Map(plan.rows.map((row) => [occurrenceName(row), { row, named: null }]));
  const placed = placedIn(events, guessed);
  const [known, unknown] = participantsOf(placed, remembered);
  const [locked, ties, journalled, read] = await Promise.all([
    lockOccurrences(db, tellings, policy, memory.occurrences),
    lockTies(db, placed, memory.ties),
    writeJournal(db, placed),
    readParticipants(db, unknown),
  ]);
  if (!isAsPlanned(locked, plan)) throw new LockPlanOutdatedError();
  for (const participant of read) known.set(personName(participant), participant);
  return { locked: [...locked.values()], ties, ...journalled, sealed: [], found: known };
}

/** Each step after what the one before has given. */
async function journalInSteps(
  db: Statements,
  events: readonly ConferenceEvent[],
  policy: MeetingPolicy,
  remembered: TenureMemory | null,
): Promise<JournalledBatch> {
  const memory = remembered?.memory ?? null;
  const ofSealedRooms = await eventsOfSealedRooms(db, events);
  const open = events.filter((event) => !ofSealedRooms.has(event.identity));
  const all = await lockOccurrences(db, tellingsOf(open), policy, memory?.occurrences ?? null);
  const locked = new Map([...all].filter(([, { row }]) => !row.sealed));
  // A flat room may have been sealed between the first look and the making of its next occurrence.
  if ([...locked.values()].some(({ row, isNew }) => isNew && isFlat(row)) && (await eventsOfSealedRooms(db, open)).size > 0) {
    throw new LockPlanOutdatedError();
  }
  const placed = placedIn(open, locked);
  const applied = new Set(placed.map(({ event }) => event.identity));
  const sealed = await unknownToJournal(
    db,
    events.filter(({ identity }) => !applied.has(identity)),
  );
  const ties = await lockTies(db, placed, memory?.ties ?? null);
  const journalled = await writeJournal(db, placed);
  const [found] = remembered === null ? [new Map<string, Participant>()] : participantsOf(placed, remembered);
  return { locked: [...locked.values()], ties, ...journalled, sealed, found };
}

function isAsPlanned(locked: ReadonlyMap<string, LockedOccurrence>, plan: Plan): boolean {
  return plan.rows.every((row) => {
    const occurrence = locked.get(occurrenceName(row));
    return occurrence?.row.id === row.id && occurrence.row.known && !occurrence.row.sealed && occurrence.named === null;
  });
}

function placedIn(
  events: readonly ConferenceEvent[],
  occurrences: ReadonlyMap<string, Pick<LockedOccurrence, 'row' | 'named'>>,
): PlacedEvent[] {
  return events.flatMap((event): PlacedEvent[] => {
    const occurrence = occurrences.get(occurrenceNameOf(event));
    if (occurrence === undefined) return [];
    return [
      { meetingId: occurrence.row.id, event: ofMeetingAlone(event), namesRoom: occurrence.named?.identity === event.identity },
    ];
  });
}

/** Those who are remembered, and those who are not, of the persons whom events tell by an external id. */
function participantsOf(
  events: readonly PlacedEvent[],
  { memory, tenure }: TenureMemory,
): [Map<string, Participant>, PersonPlace[]] {
  const known = new Map<string, Participant>();
  const unknown = new Map<string, PersonPlace>();
  for (const { meetingId, event } of events) {
    const personKey = event.person?.externalId ?? null;
    if (personKey === null) continue;
    const place = { meetingId, personKey };
    const name = personName(place);
    const participant = memory.participants.get(name, tenure);
    if (participant === undefined) unknown.set(name, place);
    else known.set(name, participant);
  }
  return [known, [...unknown.values()]];
}

const KINDS_OF_MEETING: ReadonlySet<EventKind> = new Set([
  'meeting_created',
  'meeting_ended',
  'meeting_announced',
  'recording_announced',
]);

/** What concerns the meeting alone is nobody's event, even where its sender names a person beside it, such as who ended the meeting. */
function ofMeetingAlone(event: ConferenceEvent): ConferenceEvent {
  return event.person !== null && KINDS_OF_MEETING.has(event.kind) ? { ...event, person: null } : event;
}
