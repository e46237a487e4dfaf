/**
 * SQLSTATE classes of errors that the events themselves cause: a value that no column takes (22), a row that no constraint allows
 * (23), a value too long for an index (54). Trying again changes nothing.
 */
const CAUSED_BY_EVENTS = new Set(['22', '23', '54']);

/** Prisma's codes of the same: value too long, constraints, value out of range. A failed raw query (P2010) tells its SQLSTATE beside. */
const PRISMA_CAUSED_BY_EVENTS = new Set([
  'P2000',
  'P2002',
  'P2003',
  'P2004',
  'P2005',
  'P2006',
  'P2007',
  'P2011',
  'P2019',
  'P2020',
  'P2033',
]);

/** How deep causes are looked through. */
const MAX_DEPTH = 6;

/**
 * What is to blame for an error of a batch.
 *
 * - `database`: lost and refused connections, deadlocks, lock and transaction timeouts, too many connections, a full disk, a shutdown, a
 *   missing table or permission. It passes, or an operator mends it; the events must wait.
 * - `events`: a value that PostgreSQL does not take. It comes again with the same events.
 * - `program`: a TypeError and its like, of this program or a library. It may come from the events, or from a connection torn in
 *   an unlucky moment: tried again a few times, then the events are to blame.
 */
export type Blame = 'database' | 'events' | 'program';

/** The one decision between trying a batch again and giving its events up. */
export function blameOf(error: unknown): Blame {
  const state = sqlStateOf(error, MAX_DEPTH);
  if (state !== null) return CAUSED_BY_EVENTS.has(state.slice(0, 2)) ? 'events' : 'database';
  const code = property(error, 'code');
  if (typeof code === 'string' && /^P\d{4}$/.test(code)) return PRISMA_CAUSED_BY_EVENTS.has(code) ? 'events' : 'database';
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError ? 'program' : 'database';
}

/** What failed, without a word of the values that were written: PostgreSQL and Prisma quote those in their messages. */
export function describeFailure(error: unknown): string {
  const state = sqlStateOf(error, MAX_DEPTH);
  if (state !== null) return `the database refused it (SQLSTATE ${state})`;
  const code = property(error, 'code');
  const name = error instanceof Error ? error.name : typeof error;
  return typeof code === 'string' ? `${name} ${code}` : name;
}

/** No class of SQLSTATE begins with E; the system's own codes of five letters, such as EPIPE, do. */
const SQLSTATE = /^[0-9A-DF-Z][0-9A-Z]{4}$/;

/** The SQLSTATE that PostgreSQL gave, wherever the driver, the adapter and Prisma have put it. */
function sqlStateOf(error: unknown, depth: number): string | null {
  if (typeof error !== 'object' || error === null || depth === 0) return null;
  for (const name of ['originalCode', 'code']) {
    const code = property(error, name);
    if (typeof code === 'string' && SQLSTATE.test(code) && !/^P\d{4}$/.test(code)) return code;
  }
  for (const name of ['meta', 'driverAdapterError', 'cause']) {
    const found = sqlStateOf(property(error, name), depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
