import { readState } from '@bbb-activity/metrics/fold-state';
import { activitiesOf, foldWhole, type WholeFold } from './folding.js';
import { Prisma } from './generated/client.js';
import { groupBy } from './group-by.js';
import type { JournalEvent } from './journal.js';
import { type Difference, differenceOf, mendRows } from './mend-rows.js';
import { activityRows } from './modern-activities.js';
import { type OccurrenceJournal, readPersonsEvents } from './occurrence-journal.js';
import { FOLDED_TYPES, foldedColumns } from './participants.js';
import { deleteRows, type Row } from './rows.js';
import { asJsonRow } from './rows-as.js';
import { SESSION_TYPES, sessionColumns } from './sessions.js';
import { asJson, type Statements } from './statements.js';

/** How many participants' events are held in memory at once. */
const PAGE = 100;

export interface RebuiltParticipants {
  readonly differences: readonly Difference[];
  /** Time of the last event of any participant, unix ms. */
  readonly lastAt: number | null;
}

/** Folds every participant anew, compares their rows, and unless `dryRun` writes what differs. */
export async function rebuildParticipants(
  db: Statements,
  journal: OccurrenceJournal,
  dryRun: boolean,
): Promise<RebuiltParticipants> {
  const { id, known } = journal.occurrence;
  const persons = known ? [...journal.persons] : [];
  const surplus = await surplusParticipants(
    db,
    id,
    persons.map(([personKey]) => personKey),
  );
  const differences = surplus.map((row) => differenceOf('participant', 'surplus', row));
  if (!dryRun) await deleteRows(db, 'participant', ['id'], surplus);

  let lastAt: number | null = null;
  for (let from = 0; from < persons.length; from += PAGE) {
    const page = persons.slice(from, from + PAGE);
    const folds = await foldPage(db, journal, page);
    differences.push(...(await rebuildPage(db, id, folds, dryRun)));
    for (const { fold } of folds) if (fold.lastAt !== null && (lastAt === null || fold.lastAt > lastAt)) lastAt = fold.lastAt;
  }
  return { differences, lastAt };
}

interface PersonFold {
  readonly personKey: string;
  readonly events: readonly JournalEvent[];
  readonly fold: WholeFold;
}

async function foldPage(
  db: Statements,
  journal: OccurrenceJournal,
  page: readonly (readonly [string, readonly string[]])[],
): Promise<PersonFold[]> {
  const events = groupBy(await readPersonsEvents(db, journal.occurrence.id, page), (event) => event.personKey);
  return page.map(([personKey]) => {
    const own = events.get(personKey) ?? [];
    return { personKey, events: own, fold: foldWhole(own, journal.flatEnds, journal.end) };
  });
}

async function rebuildPage(
  db: Statements,
  meetingId: string,
  folds: readonly PersonFold[],
  dryRun: boolean,
): Promise<Difference[]> {
  const keys = asJson(folds.map(({ personKey }) => personKey));
  const ofPage = Prisma.sql`
    s.meeting_id = ${meetingId}::bigint AND s.person_key IN (SELECT jsonb_array_elements_text(${keys}))`;
  const differences = await mendRows(
    db,
    {
      table: 'participant',
      key: ['meeting_id', 'person_key'],
      identifiedBy: ['id'],
      folded: folds.map(({ personKey, fold }) => ({
        meeting_id: meetingId,
        person_key: personKey,
        ...asJsonRow(FOLDED_TYPES, foldedColumns(fold)),
      })),
      among: ofPage,
      // A state that the present fold cannot read goes on rightly: from the journal.
      counts: ({ column, stored }) => column !== 'state' || readState(stored) !== null,
    },
    dryRun,
  );

  const stored = await db.query<{ id: string; personKey: string }>(Prisma.sql`
    SELECT s.id::text AS id, s.person_key AS "personKey" FROM participant s WHERE ${ofPage}`);
  const ids = new Map(stored.map((row) => [row.personKey, row.id]));
  const sessions: Row[] = [];
  const activities: Row[] = [];
  for (const { personKey, events, fold } of folds) {
    const id = ids.get(personKey);
    const rows = fold.sessions.map((numbered) =>
      asJsonRow(SESSION_TYPES, sessionColumns({ meetingId, participantId: id ?? '', ...numbered })),
    );
    const own = activityRows(activitiesOf({ meetingId, id: id ?? '' }, events));
    if (id === undefined) {
      // Only when nothing is written: the participant is missing, and all of their rows with them.
      const missing = [...rows, ...own].map((row) => differenceOf('conference_activity', 'missing', row));
      differences.push(...missing.map((difference) => ({ ...difference, participant: null })));
    } else {
      sessions.push(...rows);
      activities.push(...own);
    }
  }
  const ofParticipants = Prisma.sql`
    s.participant_id IN (SELECT id::bigint FROM jsonb_array_elements_text(${asJson([...ids.values()])}) AS p(id))`;
  const table = { table: 'conference_activity', identifiedBy: ['id'] } as const;
  const amongSessions = Prisma.sql`${ofParticipants} AND s.ordinal IS NOT NULL`;
  const amongActivities = Prisma.sql`${ofParticipants} AND s.ordinal IS NULL`;
  differences.push(
    ...(await mendRows(db, { ...table, key: ['participant_id', 'ordinal'], folded: sessions, among: amongSessions }, dryRun)),
    ...(await mendRows(
      db,
      { ...table, key: ['participant_id', 'event', 'event_at'], folded: activities, among: amongActivities },
      dryRun,
    )),
  );
  return differences;
}

async function surplusParticipants(db: Statements, meetingId: string, personKeys: readonly string[]): Promise<Row[]> {
  return db.query(Prisma.sql`
    SELECT p.id::text AS id
    FROM participant p
    WHERE p.meeting_id = ${meetingId}::bigint
      AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(${asJson(personKeys)}) AS k(key) WHERE k.key = p.person_key)`);
}
