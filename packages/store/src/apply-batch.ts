import type { ConferenceEvent, EventKind } from '@bbb-activity/events/conference-event';
import type { BatchMemory } from './batch-memory.js';
import type { Store } from './client.js';
import { type FoldOutcome, foldParticipants } from './folding.js';
import { gatherWork } from './gather-work.js';
import { writeJournal } from './journal.js';
import { LockPlanOutdatedError, lockOccurrences, type MeetingPolicy } from './lock-occurrences.js';
import { writeOccurrences, writeRecordings } from './meeting-facts.js';
import { isFlat, occurrenceName, occurrenceNameOf, tellingsOf } from './occurrence.js';
import { changesOf, type OccurrenceChange } from './occurrence-changes.js';
import { eventsOfSealedRooms, unknownToJournal } from './sealed-occurrences.js';
import type { Statements } from './statements.js';
import { lockTies, type PlacedEvent, type Ties } from './ties.js';
import type { Attempt, TransactionMeter } from './transaction.js';
import { withoutErased } from './without-erased.js';

export type { MeetingPolicy } from './lock-occurrences.js';

export interface ApplyOptions {
  readonly policy: MeetingPolicy;
  /** Of the process, for all its batches; without it each batch asks for everything. */
  readonly memory?: BatchMemory;
  /** Of `readKey(…, 'erasure')` of packages/config; null is enough while nothing was ever erased. */
  readonly erasureKey?: Buffer | null;
  /** Counts the transactions that the batch took: more than one where it had to start again. */
  readonly meter?: TransactionMeter;
  /** Waited for before each further transaction of the batch. */
  readonly beforeAgain?: () => Promise<void>;
  /** Aborted, it rolls the batch back before its next statement. */
  readonly signal?: AbortSignal;
}

/** What became of a batch. */
export interface BatchOutcome {
  /** Events given. */
  readonly events: number;
  /** Events that the journal did not have. */
  readonly fresh: number;
  readonly duplicates: number;
  /** Participants whose journal was read and folded from its first event. */
  readonly refolded: number;
  /** Rows of `conference_activity` written. */
  readonly rows: number;
  /** SQL statements of the transaction, without its begin and commit. */
  readonly statements: number;
  /** Events of sealed occurrences that the journal does not know: they were not applied, and never can be. */
  readonly sealed: readonly ConferenceEvent[];
  /** Events of meetings that were erased: they were dropped. */
  readonly erased: number;
}

/**
 * Journals a batch of events and folds those that are new into the rows, in one transaction: all of it or nothing. The same events
 * again change nothing; the rows are the same for any order and any division into batches (docs/metrics.md, "The law").
 *
 * Locks are taken in one order everywhere: the one on what was erased, rooms, occurrences, internal user ids, the journal's identities, participants; what
 * depends on others is read only after the locks. Any number of batches may run at once. Only participants are read without a lock at first: nearly always
 * one partition alone has them. Where another transaction wrote one of them meanwhile, this one starts again, and locks them too.
 *
 * @throws what the database throws; `blameOf` of `errors.ts` tells whether to try again.
 */
export async function applyBatch(store: Store, events: readonly ConferenceEvent[], options: ApplyOptions): Promise<BatchOutcome> {
  const unique = [...new Map(events.map((event) => [event.identity, event])).values()];
  if (unique.length === 0)
    return { events: 0, fresh: 0, duplicates: 0, refolded: 0, rows: 0, statements: 0, sealed: [], erased: 0 };
  const { policy, memory, erasureKey = null, signal, meter, beforeAgain } = options;
  const generation = memory?.generation;
  let learnt: Learnt | undefined;
  const apply = async (db: Statements, kept: readonly ConferenceEvent[], attempt: Attempt): Promise<BatchOutcome> => {
    const { fresh, refolded, rows, sealed, ...rest } = await applyUnique(db, kept, {
      policy,
      // What was taken for granted at the first attempt may be why there is a second one.
      memory: attempt.number === 1 ? memory : undefined,
      locksParticipants: attempt.number > 1,
    });
    learnt = rest.learnt;
    const erased = unique.length - kept.length;
    const duplicates = events.length - fresh - sealed.length - erased;
    return { events: events.length, fresh, duplicates, refolded, rows, statements: db.count, sealed, erased };
  };
  try {
    const outcome = await withoutErased(store, unique, erasureKey, apply, { signal, meter, beforeAgain });
    // What was forgotten meanwhile was of a database that may be another one now.
    if (memory !== undefined && memory.generation === generation && learnt !== undefined) remember(memory, learnt);
    return outcome;
  } catch (error) {
    memory?.forget();
    throw error;
  }
}

/** What holds once the transaction is committed. */
interface Learnt {
  readonly changes: readonly OccurrenceChange[];
  readonly ties: Ties;
}

function remember(memory: BatchMemory, { changes, ties }: Learnt): void {
  for (const { after, changed } of changes) {
    const name = occurrenceName(after);
    // The row that was written may hold more than is known here.
    if (changed) memory.occurrences.delete(name);
    else memory.occurrences.set(name, after);
  }
  for (const [name, mark] of ties.marks()) memory.ties.set(name, mark);
}

interface Way {
  readonly policy: MeetingPolicy;
  readonly memory: BatchMemory | undefined;
  readonly locksParticipants: boolean;
}

async function applyUnique(
  db: Statements,
  events: readonly ConferenceEvent[],
  { policy, memory, locksParticipants }: Way,
): Promise<FoldOutcome & { fresh: number; sealed: ConferenceEvent[]; learnt: Learnt }> {
  const ofSealedRooms = await eventsOfSealedRooms(db, events);
  const open = events.filter((event) => !ofSealedRooms.has(event.identity));
  const all = await lockOccurrences(db, tellingsOf(open), policy, memory?.occurrences ?? null);
  const locked = new Map([...all].filter(([, { row }]) => !row.sealed));
  // A flat room may have been sealed between the first look and the making of its next occurrence.
  if ([...locked.values()].some(({ row, isNew }) => isNew && isFlat(row)) && (await eventsOfSealedRooms(db, open)).size > 0) {
    throw new LockPlanOutdatedError();
  }
  const placed = open.flatMap((event): PlacedEvent[] => {
    const occurrence = locked.get(occurrenceNameOf(event));
    if (occurrence === undefined) return [];
    return [
      { meetingId: occurrence.row.id, event: ofMeetingAlone(event), namesRoom: occurrence.named?.identity === event.identity },
    ];
  });
  const applied = new Set(placed.map(({ event }) => event.identity));
  const sealed = await unknownToJournal(
    db,
    events.filter(({ identity }) => !applied.has(identity)),
  );
  const ties = await lockTies(db, placed, memory?.ties ?? null);
  const fresh = await writeJournal(db, placed);

  const changes = changesOf([...locked.values()], fresh);
  const work = await gatherWork(db, changes, fresh, ties, locksParticipants);
  const outcome = await foldParticipants(db, work);
  await writeOccurrences(
    db,
    changes.filter((change) => change.changed).map((change) => change.after),
  );
  await writeRecordings(db, recordingsOf(fresh));
  return { ...outcome, fresh: fresh.length, sealed, learnt: { changes, ties } };
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

function recordingsOf(events: readonly PlacedEvent[]): { meetingId: string; formatType: string; url: string }[] {
  return events.flatMap(({ meetingId, event }) => {
    const recording = event.details.recording;
    return recording === undefined ? [] : [{ meetingId, formatType: recording.formatType, url: recording.url }];
  });
}
