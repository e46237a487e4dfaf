import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { BatchMemory } from './batch-memory.js';
import type { Store } from './client.js';
import { type FoldOutcome, foldParticipants } from './folding.js';
import { gatherWork } from './gather-work.js';
import { journalBatch, type TenureMemory } from './journal-batch.js';
import type { MeetingPolicy } from './lock-occurrences.js';
import { writeOccurrences, writeRecordings } from './meeting-facts.js';
import { occurrenceName } from './occurrence.js';
import { changesOf, type OccurrenceChange } from './occurrence-changes.js';
import { participantAfter, personName } from './participants.js';
import type { Statements } from './statements.js';
import type { PlacedEvent, Ties } from './ties.js';
import type { Attempt, TransactionMeter } from './transaction.js';
import { withoutErased } from './without-erased.js';

export type { MeetingPolicy } from './lock-occurrences.js';

export interface ApplyOptions {
  readonly policy: MeetingPolicy;
  /** Of the process, for all its batches; without it each batch asks for everything. */
  readonly memory?: BatchMemory;
  /** Another one whenever another process may have applied events of the same participants since the batch before: see {@link RememberedParticipants}. */
  readonly tenure?: string;
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
  const { policy, memory, tenure = '', erasureKey = null, signal, meter, beforeAgain } = options;
  const generation = memory?.generation;
  let learnt: Learnt | undefined;
  const apply = async (db: Statements, kept: readonly ConferenceEvent[], attempt: Attempt): Promise<BatchOutcome> => {
    const { fresh, refolded, rows, sealed, ...rest } = await applyUnique(db, kept, {
      policy,
      // What was taken for granted at the first attempt may be why there is a second one.
      remembered: attempt.number === 1 && memory !== undefined ? { memory, tenure } : null,
      locksParticipants: attempt.number > 1,
    });
    learnt = rest.learnt;
    const erased = unique.length - kept.length;
    const duplicates = events.length - fresh - sealed.length - erased;
    return { events: events.length, fresh, duplicates, refolded, rows, statements: db.count, sealed, erased };
  };
  try {
    const outcome = await withoutErased(store, unique, erasureKey, apply, { signal, meter, beforeAgain, memory });
    // What was forgotten meanwhile was of a database that may be another one now.
    if (memory !== undefined && memory.generation === generation && learnt !== undefined) remember(memory, tenure, learnt);
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
  /** Of the rows that were written; null where none was. */
  readonly revision: string | null;
  readonly outcome: FoldOutcome;
}

function remember(memory: BatchMemory, tenure: string, { changes, ties, revision, outcome }: Learnt): void {
  for (const { after, changed } of changes) {
    const name = occurrenceName(after);
    // The row that was written may hold more than is known here.
    if (changed) memory.occurrences.delete(name);
    else memory.occurrences.set(name, after);
  }
  for (const [name, mark] of ties.marks()) memory.ties.set(name, mark);
  for (const participant of outcome.emptied) memory.participants.delete(personName(participant));
  for (const participant of outcome.folded) {
    const name = personName(participant);
    // Whose meeting is over is not heard of again.
    if (revision === null || participant.state.end !== undefined) memory.participants.delete(name);
    else memory.participants.written(participant, participantAfter(participant, revision), tenure);
  }
}

interface Way {
  readonly policy: MeetingPolicy;
  readonly remembered: TenureMemory | null;
  readonly locksParticipants: boolean;
}

async function applyUnique(
  db: Statements,
  events: readonly ConferenceEvent[],
  { policy, remembered, locksParticipants: locks }: Way,
): Promise<FoldOutcome & { fresh: number; sealed: readonly ConferenceEvent[]; learnt: Learnt }> {
  const { locked, ties, fresh, revision, sealed, found } = await journalBatch(db, events, policy, remembered);
  const changes = changesOf(locked, fresh);
  const work = await gatherWork(db, changes, fresh, ties, { locks, found });
  const outcome = await foldParticipants(db, work, locks);
  await writeOccurrences(
    db,
    changes.filter((change) => change.changed).map((change) => change.after),
  );
  await writeRecordings(db, recordingsOf(fresh));
  return { ...outcome, fresh: fresh.length, sealed, learnt: { changes, ties, revision, outcome } };
}

function recordingsOf(events: readonly PlacedEvent[]): { meetingId: string; formatType: string; url: string }[] {
  return events.flatMap(({ meetingId, event }) => {
    const recording = event.details.recording;
    return recording === undefined ? [] : [{ meetingId, formatType: recording.formatType, url: recording.url }];
  });
}
