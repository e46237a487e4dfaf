import { createHash } from 'node:crypto';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { Store } from './client.js';
import { Prisma } from './generated/client.js';
import {
  connectionHash,
  fingerprint,
  type MeetingPlace,
  meetingHash,
  newConnectionPseudonym,
  newPersonPseudonym,
  type PseudonymOf,
  personHash,
  placeOf,
} from './pseudonyms.js';
import { asJson, type Statements } from './statements.js';

/** This process cannot know who was erased: it has no key, or another one than those who erased. Nothing may be taken in until it has. */
export class ErasureKeyError extends Error {
  readonly code = 'erasure_key';

  constructor(key: Buffer | null) {
    super(
      key === null
        ? 'persons or meetings were erased: IDENTITY_KEY is needed to recognise them (or BBB_SECRET, where there was no IDENTITY_KEY)'
        : 'persons or meetings were erased under another IDENTITY_KEY (or BBB_SECRET, where there is none): set it as it was',
    );
    this.name = 'ErasureKeyError';
  }
}

/** One number for the advisory lock that batches share and an erasure has alone. */
const LOCK = createHash('sha256').update('erased persons and meetings').digest().readBigInt64BE();

/**
 * Shares the lock, before any other lock, until the transaction ends: what it reads of the erased from now on holds as long. Gives
 * whether anything was ever erased. The size of the table is asked in the same statement, after the lock: unlike the statement's
 * view of its rows it is never older than the lock, and a table without a page has no row.
 */
export async function shareErased(db: Statements): Promise<boolean> {
  const [row] = await db.query<{ bytes: number }>(Prisma.sql`
    SELECT CASE WHEN pg_advisory_xact_lock_shared(${LOCK}::bigint)::text = '' THEN pg_relation_size('erasure_key') END::float8 AS bytes`);
  return row?.bytes !== 0;
}

/** Waits for all transactions that share the lock, and holds off new ones, until the transaction ends. */
export async function lockErased(db: Statements): Promise<void> {
  await db.query(Prisma.sql`SELECT pg_advisory_xact_lock(${LOCK}::bigint)::text`);
}

/** @throws ErasureKeyError where something was erased and `key` is not the one that can tell. */
export async function checkErasureKey(store: Store, key: Buffer | null): Promise<void> {
  const db = store.statements;
  // Before it is migrated, a database holds nothing at all.
  const [table] = await db.query<{ there: boolean }>(Prisma.sql`SELECT to_regclass('erasure_key') IS NOT NULL AS there`);
  if (table?.there !== true) return;
  const keys = await fingerprints(db);
  if (keys.length > 0) requireKey(keys, key);
}

async function fingerprints(db: Statements): Promise<string[]> {
  const rows = await db.query<{ fingerprint: string }>(Prisma.sql`
    SELECT encode(fingerprint, 'hex') AS fingerprint FROM erasure_key`);
  return rows.map((row) => row.fingerprint);
}

function requireKey(found: readonly string[], key: Buffer | null): asserts key is Buffer {
  if (key === null || found.some((one) => one !== fingerprint(key))) throw new ErasureKeyError(key);
}

interface Wanted {
  readonly accessUrlId: number;
  readonly hash: string;
}

/** Who and what was erased, as far as some events ask. */
export class Erased {
  readonly #key: Buffer;
  readonly #pseudonyms: ReadonlyMap<string, string>;
  readonly #meetings: ReadonlySet<string>;

  constructor(key: Buffer, pseudonyms: ReadonlyMap<string, string>, meetings: ReadonlySet<string>) {
    this.#key = key;
    this.#pseudonyms = pseudonyms;
    this.#meetings = meetings;
  }

  hasMeeting({ accessUrlId, internalId }: MeetingPlace): boolean {
    return internalId !== null && this.#meetings.has(meetingHash(this.#key, accessUrlId, internalId));
  }

  /** An id that was renamed in one meeting keeps that pseudonym there, also where its person is erased everywhere later on. */
  in(place: MeetingPlace): PseudonymOf {
    return (id) =>
      this.#pseudonyms.get(connectionHash(this.#key, place, id)) ??
      this.#pseudonyms.get(personHash(this.#key, place.accessUrlId, id)) ??
      null;
  }
}

const NOTHING = new Erased(Buffer.alloc(0), new Map(), new Set());

/** Reads what was erased of all that the events name. @throws ErasureKeyError */
export async function readErased(db: Statements, events: readonly ConferenceEvent[], key: Buffer | null): Promise<Erased> {
  const ids: Wanted[] = [];
  const meetings: Wanted[] = [];
  if (key !== null) {
    for (const [accessUrlId, hashes] of hashesOf(events, key)) {
      for (const hash of hashes.ids) ids.push({ accessUrlId, hash });
      for (const hash of hashes.meetings) meetings.push({ accessUrlId, hash });
    }
  }
  const columns = Prisma.raw('AS w("accessUrlId" int, hash text)');
  const rows = await db.query<{ sort: 'key' | 'person' | 'meeting'; hash: string; pseudonym: string | null }>(Prisma.sql`
    SELECT 'key' AS sort, encode(fingerprint, 'hex') AS hash, NULL AS pseudonym FROM erasure_key
    UNION ALL
    SELECT 'person', w.hash, e.pseudonym
    FROM jsonb_to_recordset(${asJson(ids)}) ${columns}
    JOIN erased_person e ON e.access_url_id = w."accessUrlId" AND e.id_hash = decode(w.hash, 'hex')
    UNION ALL
    SELECT 'meeting', w.hash, NULL
    FROM jsonb_to_recordset(${asJson(meetings)}) ${columns}
    JOIN erased_meeting e ON e.access_url_id = w."accessUrlId" AND e.id_hash = decode(w.hash, 'hex')`);
  const keys = rows.filter(({ sort }) => sort === 'key').map(({ hash }) => hash);
  if (keys.length === 0) return NOTHING;
  requireKey(keys, key);
  return new Erased(
    key,
    new Map(rows.flatMap(({ hash, pseudonym }) => (pseudonym === null ? [] : [[hash, pseudonym] as const]))),
    new Set(rows.filter(({ sort }) => sort === 'meeting').map(({ hash }) => hash)),
  );
}

/** By access URL. Few ids make up many events: each is hashed once. */
function hashesOf(events: readonly ConferenceEvent[], key: Buffer): Map<number, { ids: Set<string>; meetings: Set<string> }> {
  const done = new Set<string>();
  const byAccessUrl = new Map<number, { ids: Set<string>; meetings: Set<string> }>();
  for (const event of events) {
    const { accessUrlId, meeting, person, details } = event;
    const hashes = byAccessUrl.get(accessUrlId) ?? { ids: new Set(), meetings: new Set() };
    byAccessUrl.set(accessUrlId, hashes);
    const place = placeOf(event);
    const owner = details.meeting?.userId ?? null;
    for (const id of [person?.externalId, person?.internalId, owner === null ? null : String(owner)]) {
      const name = JSON.stringify([place, id]);
      if (id === undefined || id === null || done.has(name)) continue;
      done.add(name);
      hashes.ids.add(personHash(key, accessUrlId, id)).add(connectionHash(key, place, id));
    }
    if (meeting.internalId !== null) hashes.meetings.add(meetingHash(key, accessUrlId, meeting.internalId));
  }
  return byAccessUrl;
}

/** Keeps the key's fingerprint where none is yet. Under {@link lockErased}. @throws ErasureKeyError */
export async function keepKey(db: Statements, key: Buffer): Promise<void> {
  await db.execute(Prisma.sql`
    INSERT INTO erasure_key (fingerprint)
    SELECT decode(${fingerprint(key)}, 'hex') WHERE NOT EXISTS (SELECT 1 FROM erasure_key)`);
  requireKey(await fingerprints(db), key);
}

/** The person's pseudonym; null where the person was not erased. */
export async function pseudonymOfPerson(
  db: Statements,
  key: Buffer,
  accessUrlId: number,
  userId: string,
): Promise<string | null> {
  const [row] = await db.query<{ pseudonym: string }>(Prisma.sql`
    SELECT pseudonym FROM erased_person
    WHERE access_url_id = ${accessUrlId} AND id_hash = decode(${personHash(key, accessUrlId, userId)}, 'hex')`);
  return row?.pseudonym ?? null;
}

/** Gives the person a pseudonym for ever, the same where there is one. Under {@link lockErased}. */
export async function keepPerson(db: Statements, key: Buffer, accessUrlId: number, userId: string): Promise<string> {
  const kept = await keep(db, accessUrlId, [{ hash: personHash(key, accessUrlId, userId), pseudonym: newPersonPseudonym() }]);
  return [...kept.values()].join();
}

/** Gives connections of an erased person pseudonyms for ever, the same where there are some: by internal id. Under {@link lockErased}. */
export async function keepConnections(
  db: Statements,
  key: Buffer,
  place: MeetingPlace,
  ids: readonly string[],
  person: string,
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const hashes = new Map(ids.map((id) => [id, connectionHash(key, place, id)]));
  const rows = [...hashes.values()].map((hash) => ({ hash, pseudonym: newConnectionPseudonym(person) }));
  const kept = await keep(db, place.accessUrlId, rows);
  return new Map([...hashes].map(([id, hash]) => [id, kept.get(hash) ?? '']));
}

async function keep(
  db: Statements,
  accessUrlId: number,
  rows: readonly { readonly hash: string; readonly pseudonym: string }[],
): Promise<Map<string, string>> {
  const wanted = Prisma.sql`jsonb_to_recordset(${asJson(rows)}) AS w(hash text, pseudonym text)`;
  await db.execute(Prisma.sql`
    INSERT INTO erased_person (access_url_id, id_hash, pseudonym)
    SELECT ${accessUrlId}::int, decode(w.hash, 'hex'), w.pseudonym FROM ${wanted}
    ON CONFLICT (access_url_id, id_hash) DO NOTHING`);
  const kept = await db.query<{ hash: string; pseudonym: string }>(Prisma.sql`
    SELECT w.hash, e.pseudonym
    FROM ${wanted}
    JOIN erased_person e ON e.access_url_id = ${accessUrlId}::int AND e.id_hash = decode(w.hash, 'hex')`);
  return new Map(kept.map(({ hash, pseudonym }) => [hash, pseudonym]));
}

/** Whether the meeting with this internal id was erased. @throws ErasureKeyError */
export async function isMeetingErased(store: Store, key: Buffer, accessUrlId: number, internalId: string): Promise<boolean> {
  await checkErasureKey(store, key);
  const rows = await store.statements.query(Prisma.sql`
    SELECT 1 FROM erased_meeting
    WHERE access_url_id = ${accessUrlId} AND id_hash = decode(${meetingHash(key, accessUrlId, internalId)}, 'hex')`);
  return rows.length > 0;
}

/** From now on events of this meeting are dropped. Under {@link lockErased}. */
export async function keepMeeting(db: Statements, key: Buffer, accessUrlId: number, internalId: string): Promise<void> {
  await db.execute(Prisma.sql`
    INSERT INTO erased_meeting (access_url_id, id_hash)
    VALUES (${accessUrlId}, decode(${meetingHash(key, accessUrlId, internalId)}, 'hex'))
    ON CONFLICT (access_url_id, id_hash) DO NOTHING`);
}
