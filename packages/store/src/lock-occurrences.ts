import { Prisma } from './generated/client.js';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { isFlat, type Occurrence, type OccurrenceTelling, occurrenceName, type RoomTelling, roomAfter } from './occurrence.js';
import { announcedRooms, lockRooms, type Room, roomName } from './rooms.js';
import { rowsAs } from './rows-as.js';
import { asMs, type Statements } from './statements.js';

/** `register`: every meeting is known. `known`: only those whose room the modern endpoint announced; others wait in the journal. */
export type MeetingPolicy = 'register' | 'known';

/** An occurrence under lock. */
export interface LockedOccurrence {
  readonly row: Occurrence;
  /** What the batch tells of it; null for one that only waited for its room's announcement. */
  readonly telling: OccurrenceTelling | null;
  /** The event that names it from now on; null where it keeps its external id. */
  readonly named: RoomTelling | null;
  /** Whether it was made by this transaction. */
  readonly isNew: boolean;
  /** Whether it stops waiting now. */
  readonly becomesKnown: boolean;
  /** Whether the row is new or to be changed; it is locked FOR UPDATE then, and no other batch is below it. */
  readonly changed: boolean;
}

/** Occurrences as an earlier transaction found them, by {@link occurrenceName}. */
export type Remembered = Pick<ReadonlyMap<string, Occurrence>, 'get'>;

const NO_ROOMS: ReadonlySet<string> = new Set();
const NO_NAMES: ReadonlySet<string> = new Set();

export interface Plan {
  readonly rows: readonly Occurrence[];
  readonly announced: ReadonlySet<string>;
  readonly locked: ReadonlySet<string>;
}

/**
 * Locks the occurrences of a batch, by {@link occurrenceName}; makes those that are not there.
 *
 * The order is the same in every transaction: rooms, then missing rows by key, then all rows by id. All rows of a batch get one
 * mode: two statements of two modes would each be sorted, but not the two together. The mode is chosen before any lock is held,
 * from a plain read, or from what is `remembered` of an earlier one, and never raised after.
 *
 * @throws LockPlanOutdatedError where what was read or remembered turned out to be old.
 */
export async function lockOccurrences(
  db: Statements,
  tellings: readonly OccurrenceTelling[],
  policy: MeetingPolicy,
  remembered: Remembered | null,
): Promise<Map<string, LockedOccurrence>> {
  const byName = new Map(tellings.map((telling) => [occurrenceName(telling), telling]));
  const plan = planFrom(remembered, tellings, policy) ?? (await planLocks(db, tellings, byName, policy));
  const planned = new Map(plan.rows.map((row) => [occurrenceName(row), row]));
  const missing = tellings.filter((telling) => !planned.has(occurrenceName(telling)));
  const exclusive =
    missing.length > 0 ||
    plan.rows.some((row) => isChanged(row, byName.get(occurrenceName(row)) ?? null, policy, plan.announced));
  const made = missing.length === 0 ? NO_NAMES : await insertMissing(db, missing);

  const rows = await lockRows(db, [...tellings, ...plan.rows.filter((row) => !byName.has(occurrenceName(row)))], exclusive);
  const locked = rows.map((row): LockedOccurrence => {
    const telling = byName.get(occurrenceName(row)) ?? null;
    const isNew = made.has(occurrenceName(row));
    return {
      row,
      telling,
      named: isNew && !isFlat(row) ? (telling?.room ?? null) : roomAfter(row, telling),
      isNew,
      becomesKnown: becomesKnown(row, telling, policy, plan.announced),
      changed: isNew || isChanged(row, telling, policy, plan.announced),
    };
  });
  if (rows.length < new Set([...byName.keys(), ...planned.keys()]).size) throw new LockPlanOutdatedError();
  for (const { row, telling, changed } of locked) {
    if (changed && !exclusive) throw new LockPlanOutdatedError();
    const room = roomOf(row, telling);
    if (policy === 'known' && !row.known && !row.sealed && room !== null && !plan.locked.has(roomName(room)))
      throw new LockPlanOutdatedError();
  }
  return new Map(locked.map((occurrence) => [occurrenceName(occurrence.row), occurrence]));
}

/** A plan without a statement: where every occurrence is remembered, and as remembered is not changed by the batch. */
export function planFrom(
  remembered: Remembered | null,
  tellings: readonly OccurrenceTelling[],
  policy: MeetingPolicy,
): Plan | null {
  if (remembered === null) return null;
  const rows: Occurrence[] = [];
  for (const telling of tellings) {
    const row = remembered.get(occurrenceName(telling));
    if (row === undefined || !row.known || telling.announces || isChanged(row, telling, policy, NO_ROOMS)) return null;
    rows.push(row);
  }
  return { rows, announced: NO_ROOMS, locked: NO_ROOMS };
}

/** Reads without locks, but for the rooms that announcements and first events must agree about. */
async function planLocks(
  db: Statements,
  tellings: readonly OccurrenceTelling[],
  byName: ReadonlyMap<string, OccurrenceTelling>,
  policy: MeetingPolicy,
): Promise<Plan> {
  const rows = await readRows(db, tellings, []);
  const announcing = tellings.filter((telling) => telling.announces).flatMap((telling) => roomOf(null, telling) ?? []);
  const waiting = policy === 'known' ? waitingRooms(rows, tellings) : [];
  if (announcing.length === 0 && waiting.length === 0) return { rows, announced: NO_ROOMS, locked: NO_ROOMS };

  await lockRooms(db, announcing, waiting);
  const announced = await announcedRooms(db, waiting);
  for (const room of announcing) announced.add(roomName(room));
  const again = await readRows(db, tellings, announcing);
  // Rows that appeared meanwhile are judged after the locks.
  return { rows: again, announced, locked: new Set([...announcing, ...waiting].map(roomName)) };

  function waitingRooms(seen: readonly Occurrence[], told: readonly OccurrenceTelling[]): Room[] {
    const found = new Set(seen.map(occurrenceName));
    return [
      ...seen
        .filter((row) => !row.known && !row.sealed)
        .flatMap((row) => roomOf(row, byName.get(occurrenceName(row)) ?? null) ?? []),
      ...told.filter((telling) => !found.has(occurrenceName(telling))).flatMap((telling) => roomOf(null, telling) ?? []),
    ];
  }
}

function roomOf(row: Occurrence | null, telling: OccurrenceTelling | null): Room | null {
  const accessUrlId = row?.accessUrlId ?? telling?.accessUrlId;
  const told = row === null ? telling?.room : roomAfter(row, telling);
  const remoteId = told?.externalId ?? row?.remoteId ?? null;
  return accessUrlId === undefined || remoteId === null ? null : { accessUrlId, remoteId };
}

function becomesKnown(
  row: Occurrence,
  telling: OccurrenceTelling | null,
  policy: MeetingPolicy,
  announced: ReadonlySet<string>,
): boolean {
  if (row.known || row.sealed) return false;
  if (policy === 'register' || telling?.announces === true) return true;
  const room = roomOf(row, telling);
  return room !== null && announced.has(roomName(room));
}

function isChanged(
  row: Occurrence,
  telling: OccurrenceTelling | null,
  policy: MeetingPolicy,
  announced: ReadonlySet<string>,
): boolean {
  if (row.sealed) return false;
  if (becomesKnown(row, telling, policy, announced)) return true;
  if (telling === null) return false;
  if (roomAfter(row, telling) !== null) return true;
  if (telling.earliestAt < row.createdAt || telling.tellsFacts || row.presumedEnd !== null) return true;
  if (isFlat(row)) return telling.endedAt.length > 0 || (row.closedAt !== null && telling.latestAt > row.closedAt);
  return telling.endedAt.some((at) => row.endedAt === null || at < row.endedAt);
}

const COLUMNS = Prisma.sql`
  m.id::text AS id, m.access_url_id AS "accessUrlId", m.occurrence_key AS key, m.internal_meeting_id AS "internalId",
  m.remote_id AS "remoteId", ${asMs('m.remote_at')} AS "remoteAt", encode(m.remote_identity, 'hex') AS "remoteIdentity",
  ${asMs('m.created_at')} AS "createdAt", ${asMs('m.ended_at')} AS "endedAt",
  ${asMs('m.closed_at')} AS "closedAt", m.presumed_end AS "presumedEnd", m.known, m.sealed_at IS NOT NULL AS sealed`;

async function readRows(db: Statements, tellings: readonly OccurrenceTelling[], rooms: readonly Room[]): Promise<Occurrence[]> {
  const waiting = Prisma.sql`
    UNION
    SELECT ${COLUMNS}
    FROM ${rowsAs('r', { accessUrlId: 'int', remoteId: 'text' }, rooms)}
    JOIN conference_meeting m ON m.access_url_id = r."accessUrlId" AND m.remote_id = r."remoteId"
    WHERE NOT m.known AND m.sealed_at IS NULL`;
  return db.query<Occurrence>(Prisma.sql`
    SELECT ${COLUMNS}
    FROM ${keysAs('k', tellings)}
    JOIN conference_meeting m ON m.access_url_id = k."accessUrlId" AND m.occurrence_key = k.key
    ${rooms.length === 0 ? Prisma.empty : waiting}`);
}

const MISSING = {
  accessUrlId: 'int',
  key: 'text',
  internalId: 'text',
  remoteId: 'text',
  remoteAt: 'timestamptz',
  remoteIdentity: 'bytea',
  createdAt: 'timestamptz',
} as const;

async function insertMissing(db: Statements, missing: readonly OccurrenceTelling[]): Promise<Set<string>> {
  const rows = missing.map((telling) => ({
    accessUrlId: telling.accessUrlId,
    key: telling.key,
    internalId: telling.internalId,
    remoteId: telling.room?.externalId,
    remoteAt: telling.internalId === null ? null : (telling.room?.at ?? null),
    remoteIdentity: telling.internalId === null ? null : (telling.room?.identity ?? null),
    createdAt: telling.earliestAt,
  }));
  const made = await db.query<{ accessUrlId: number; key: string }>(Prisma.sql`
    INSERT INTO conference_meeting
      (access_url_id, occurrence_key, internal_meeting_id, remote_id, remote_at, remote_identity, created_at, known)
    SELECT "accessUrlId", key, "internalId", "remoteId", "remoteAt", "remoteIdentity", "createdAt", false
    FROM ${rowsAs('n', MISSING, rows)}
    ORDER BY "accessUrlId", key
    ON CONFLICT (access_url_id, occurrence_key) DO NOTHING
    RETURNING access_url_id AS "accessUrlId", occurrence_key AS key`);
  return new Set(made.map(occurrenceName));
}

async function lockRows(
  db: Statements,
  occurrences: readonly { readonly accessUrlId: number; readonly key: string }[],
  exclusive: boolean,
): Promise<Occurrence[]> {
  return db.query<Occurrence>(Prisma.sql`
    SELECT ${COLUMNS}
    FROM ${keysAs('k', occurrences)}
    JOIN conference_meeting m ON m.access_url_id = k."accessUrlId" AND m.occurrence_key = k.key
    ORDER BY m.id
    FOR ${Prisma.raw(exclusive ? 'UPDATE' : 'SHARE')} OF m`);
}

function keysAs(name: string, occurrences: readonly { readonly accessUrlId: number; readonly key: string }[]): Prisma.Sql {
  return rowsAs(name, { accessUrlId: 'int', key: 'text' }, occurrences);
}

/** Locks one occurrence FOR UPDATE; null where there is none. */
export async function lockOccurrenceById(db: Statements, id: string): Promise<Occurrence | null> {
  const [row] = await db.query<Occurrence>(Prisma.sql`
    SELECT ${COLUMNS} FROM conference_meeting m WHERE m.id = ${id}::bigint FOR UPDATE OF m`);
  return row ?? null;
}

/** One occurrence without a lock; null where there is none. */
export async function readOccurrenceById(db: Statements, id: string): Promise<Occurrence | null> {
  const [row] = await db.query<Occurrence>(Prisma.sql`SELECT ${COLUMNS} FROM conference_meeting m WHERE m.id = ${id}::bigint`);
  return row ?? null;
}
