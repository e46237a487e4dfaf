import { Prisma } from './generated/client.js';

/** What may be read. Every query that answers people takes one, so that none forgets it. */
export interface ReadScope {
  /** The only access URL; null: all. */
  readonly accessUrlId: number | null;
  /** The only meeting; null: all. */
  readonly meetingId: string | null;
}

export const EVERYTHING: ReadScope = { accessUrlId: null, meetingId: null };

/** Conditions on `m`, a row of conference_meeting: it is known, and may be read. */
export function readableMeeting({ accessUrlId, meetingId }: ReadScope): Prisma.Sql[] {
  return [
    Prisma.sql`m.known`,
    ...(accessUrlId === null ? [] : [Prisma.sql`m.access_url_id = ${accessUrlId}`]),
    ...(meetingId === null ? [] : [Prisma.sql`m.id = ${meetingId}::bigint`]),
  ];
}

/** Whether the whole of an access URL may be read, and not a single meeting of it alone. */
export function mayReadAccessUrl({ accessUrlId, meetingId }: ReadScope, wanted: number): boolean {
  return meetingId === null && (accessUrlId === null || accessUrlId === wanted);
}
