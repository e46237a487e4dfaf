import { createHash } from 'node:crypto';
import { Prisma } from './generated/client.js';
import { asJson, type Statements } from './statements.js';

/** A room: an external meeting id of an access URL. All its occurrences are known once the modern endpoint announced it. */
export interface Room {
  readonly accessUrlId: number;
  readonly remoteId: string;
}

export function roomName(room: Room): string {
  return `${room.accessUrlId}/${room.remoteId}`;
}

/**
 * Locks rooms until the transaction ends: alone where they are announced, else together with other first events. A room has no
 * row of its own before its first event, hence advisory locks; in sorted order, and before any row is locked.
 */
export async function lockRooms(db: Statements, announced: readonly Room[], waiting: readonly Room[]): Promise<void> {
  const alone = new Map<bigint, boolean>();
  for (const room of waiting) alone.set(lockNumber(room), false);
  for (const room of announced) alone.set(lockNumber(room), true);
  if (alone.size === 0) return;
  const locks = [...alone].map(([number, exclusive]) => ({ number: number.toString(), exclusive }));
  await db.query(Prisma.sql`
    SELECT CASE
      WHEN exclusive THEN pg_advisory_xact_lock(number)::text
      ELSE pg_advisory_xact_lock_shared(number)::text
    END
    FROM (
      SELECT * FROM jsonb_to_recordset(${asJson(locks)}) AS l(number bigint, exclusive boolean)
      ORDER BY number OFFSET 0
    ) AS sorted`);
}

/** Which of the rooms were announced, by {@link roomName}. */
export async function announcedRooms(db: Statements, rooms: readonly Room[]): Promise<Set<string>> {
  if (rooms.length === 0) return new Set();
  const found = await db.query<Room>(Prisma.sql`
    SELECT DISTINCT m.access_url_id AS "accessUrlId", m.remote_id AS "remoteId"
    FROM jsonb_to_recordset(${asJson(rooms)}) AS r("accessUrlId" int, "remoteId" text)
    JOIN conference_meeting m ON m.access_url_id = r."accessUrlId" AND m.remote_id = r."remoteId"
    WHERE m.announced_at IS NOT NULL`);
  return new Set(found.map(roomName));
}

/** Two rooms of one number only wait for each other without need. */
function lockNumber(room: Room): bigint {
  return createHash('sha256')
    .update(`room ${roomName(room)}`)
    .digest()
    .readBigInt64BE();
}
