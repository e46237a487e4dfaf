import { Prisma } from './generated/client.js';
import { isoTime } from './statements.js';

/** By what a list of meetings is sorted. */
export type MeetingSort = 'started' | 'title' | 'duration' | 'participants';
export type Order = 'asc' | 'desc';

/** A place in a sorted list: behind the meeting that had this key and id. */
export interface MeetingCursor {
  readonly sort: MeetingSort;
  readonly order: Order;
  /** Unix ms of the first page: what goes on is as long on all pages as it was then. */
  readonly now: number;
  /** Unix ms, lower-case title, ms, or number of people. */
  readonly key: number | string;
  readonly id: string;
}

/** A cursor that no page of this product gave, or one of a list that was sorted otherwise. */
export class InvalidCursorError extends Error {
  readonly code = 'invalid_cursor';

  constructor() {
    super('the cursor is not one that a page of meetings gave');
  }
}

export function formatCursor({ sort, order, now, key, id }: MeetingCursor): string {
  return Buffer.from(JSON.stringify([sort, order, now, key, id])).toString('base64url');
}

/** @throws InvalidCursorError */
export function readCursor(text: string, sort: MeetingSort, order: Order): MeetingCursor {
  const [itsSort, itsOrder, now, key, id] = partsOf(text);
  const hasKey = sort === 'title' ? typeof key === 'string' && !key.includes('\0') : Number.isSafeInteger(key);
  if (itsSort !== sort || itsOrder !== order || !isTime(now) || !hasKey || typeof id !== 'string' || !/^\d{1,18}$/.test(id)) {
    throw new InvalidCursorError();
  }
  if (sort === 'started' && !isTime(key)) throw new InvalidCursorError();
  return { sort, order, now, key: key as number | string, id };
}

/** The condition that a row comes behind the cursor, where `s.key` is what it is sorted by and `s.id` decides between equal ones. */
export function behind({ sort, order, key, id }: MeetingCursor): Prisma.Sql {
  const value =
    sort === 'started'
      ? Prisma.sql`${isoTime(Number(key))}::timestamptz`
      : sort === 'title'
        ? Prisma.sql`${key}::text`
        : Prisma.sql`${String(key)}::bigint`;
  return Prisma.sql`(s.key, s.id) ${order === 'asc' ? Prisma.sql`>` : Prisma.sql`<`} (${value}, ${id}::bigint)`;
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    throw new InvalidCursorError();
  }
}

/** Between the years -270000 and 270000: what a Date can be. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 8.64e15;
}
