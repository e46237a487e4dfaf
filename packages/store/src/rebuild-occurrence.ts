import type { Store } from './client.js';
import { compareRows } from './compare-rows.js';
import { Prisma } from './generated/client.js';
import { lockOccurrenceById, readOccurrenceById } from './lock-occurrences.js';
import { meetingColumns } from './meeting-facts.js';
import { type Difference, differenceOf, mendRows } from './mend-rows.js';
import type { Occurrence } from './occurrence.js';
import { type OccurrenceJournal, readOccurrenceJournal } from './occurrence-journal.js';
import { rebuildParticipants } from './rebuild-participants.js';
import { updateRows } from './rows.js';
import type { Statements } from './statements.js';
import { inSnapshot, inTransaction } from './transaction.js';

export type { Difference } from './mend-rows.js';

export interface RebuildOptions {
  /** Tell what differs and write nothing. */
  readonly dryRun: boolean;
}

export interface RebuildReport {
  readonly meetingId: string;
  /** Retention emptied the occurrence's journal: its rows were left as they are, and not compared. */
  readonly sealed: boolean;
  /** Events of the journal where the occurrence itself is gone; else null. */
  readonly orphanedEvents: number | null;
  /** As it was found; without `dryRun` all of it is mended, but for a journal or an occurrence that is missing. */
  readonly differences: readonly Difference[];
}

/**
 * Folds an occurrence anew from its journal and compares every row that follows from it: its ties, participants with the state of the
 * fold, sessions, activities of the modern endpoint, recordings, and its own row (docs/metrics.md, "The law"). Unless `dryRun`, what
 * differs is written, and nothing else.
 *
 * A dry run reads one snapshot and holds nobody up: each transaction leaves rows that follow from its journal. Else the occurrence is
 * locked, so that no batch is below it meanwhile.
 *
 * Not derived, and left as they are: whether the meeting is known, and the mark of a presumed end. An occurrence that has no journal
 * although it is not sealed is told as a difference, and its rows are kept: they are all that is left of it.
 *
 * @returns null where there is no such occurrence.
 */
export async function rebuildOccurrence(store: Store, meetingId: string, options: RebuildOptions): Promise<RebuildReport | null> {
  const { dryRun } = options;
  const run = dryRun ? inSnapshot : inTransaction;
  return run(store, async (db) => {
    const stored = await (dryRun ? readOccurrenceById : lockOccurrenceById)(db, meetingId);
    if (stored === null) return null;
    if (stored.sealed) return { meetingId, sealed: true, orphanedEvents: null, differences: [] };
    return { meetingId, sealed: false, orphanedEvents: null, differences: await rebuild(db, stored, dryRun) };
  });
}

async function rebuild(db: Statements, stored: Occurrence, dryRun: boolean): Promise<Difference[]> {
  const journal = await readOccurrenceJournal(db, stored);
  if (journal === null) return [differenceOf('conference_event', 'missing', {})];
  const ties = await mendRows(
    db,
    {
      table: 'conference_identity',
      key: ['meeting_id', 'internal_user_id'],
      identifiedBy: ['meeting_id', 'internal_user_id'],
      folded: journal.ties.map((tie) => ({ ...tie })),
      among: Prisma.sql`s.meeting_id = ${stored.id}::bigint`,
    },
    dryRun,
  );
  const participants = await rebuildParticipants(db, journal, dryRun);
  const recordings = await rebuildRecordings(db, stored.id, dryRun);
  const meeting = await rebuildMeeting(db, journal, participants.lastAt, dryRun);
  return [...ties, ...participants.differences, ...recordings, ...meeting];
}

async function rebuildRecordings(db: Statements, meetingId: string, dryRun: boolean): Promise<Difference[]> {
  const told = await db.query<{ format_type: string; url: string }>(Prisma.sql`
    SELECT DISTINCT e.details #>> '{recording,formatType}' AS format_type, e.details #>> '{recording,url}' AS url
    FROM conference_event e
    WHERE e.meeting_id = ${meetingId}::bigint AND e.external_user_id IS NULL AND e.internal_user_id IS NULL
      AND e.details ? 'recording'`);
  const key = ['meeting_id', 'format_type', 'url'];
  const folded = told.map((recording) => ({ meeting_id: meetingId, ...recording }));
  const among = Prisma.sql`s.meeting_id = ${meetingId}::bigint`;
  return mendRows(db, { table: 'conference_recording', key, identifiedBy: ['id'], folded, among }, dryRun);
}

async function rebuildMeeting(
  db: Statements,
  journal: OccurrenceJournal,
  lastAt: number | null,
  dryRun: boolean,
): Promise<Difference[]> {
  const { occurrence, facts } = journal;
  const folded = meetingColumns(occurrence, facts, lastAt);
  const among = Prisma.sql`s.id = ${occurrence.id}::bigint`;
  const found = await compareRows(db, 'conference_meeting', ['id'], [folded], among);
  const differences = found.flatMap((row) =>
    row.kind === 'differs'
      ? row.columns.map((column) => ({ ...differenceOf('conference_meeting', 'differs', row.stored), ...column }))
      : [],
  );
  if (!dryRun && differences.length > 0) await updateRows(db, 'conference_meeting', [folded]);
  return differences;
}
