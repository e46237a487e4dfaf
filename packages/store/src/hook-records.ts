import { Prisma } from './generated/client.js';
import { arrayOf } from './rows-as.js';
import { asMs, isoTime, type Statements } from './statements.js';

/** A hook that is on a BBB server, as far as is known; `target` is a meeting's external id, or null of a global hook. Times are unix ms. */
export interface StoredHook {
  readonly hookId: string;
  readonly target: string | null;
  readonly signedAt: number;
  readonly registeredAt: number;
  readonly coveredSince: number;
  readonly seenAt: number;
}

/** One entry of the history of hooks (docs/hooks.md, "History"). Times are unix ms. */
export interface StoredHookEntry<Event extends string = string> {
  readonly event: Event;
  readonly reason: string;
  readonly target: string | null;
  readonly hookId: string | null;
  readonly at: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly meetings: readonly string[];
}

/** How the BBB server of an access URL answers. Times are unix ms. */
export interface StoredServer {
  readonly answeredAt: number | null;
  readonly failures: number;
  readonly failingSince: number | null;
  readonly problem: string | null;
  readonly nextLookAt: number | null;
}

const NEVER_ASKED: StoredServer = { answeredAt: null, failures: 0, failingSince: null, problem: null, nextLookAt: null };

const ENTRY = Prisma.sql`
  h.event, h.reason, h.remote_id AS target, h.hook_id AS "hookId", ${asMs('h.at')} AS at,
  ${asMs('h.from_at')} AS "from", ${asMs('h.to_at')} AS "to", h.meetings`;

/** What is written down of the hooks of one access URL. */
export class HookRecords {
  readonly #db: Statements;
  readonly #accessUrlId: number;

  constructor(db: Statements, accessUrlId: number) {
    this.#db = db;
    this.#accessUrlId = accessUrlId;
  }

  async known(): Promise<StoredHook[]> {
    return this.#db.query(Prisma.sql`
      SELECT hook_id AS "hookId", remote_id AS target, ${asMs('signed_at')} AS "signedAt", ${asMs('registered_at')} AS "registeredAt",
        ${asMs('covered_since')} AS "coveredSince", ${asMs('seen_at')} AS "seenAt"
      FROM webhook_hook WHERE access_url_id = ${this.#accessUrlId} ORDER BY registered_at, hook_id`);
  }

  async keep(hook: StoredHook): Promise<void> {
    const { hookId, target, signedAt, registeredAt, coveredSince, seenAt } = hook;
    await this.#db.execute(Prisma.sql`
      INSERT INTO webhook_hook (access_url_id, hook_id, remote_id, signed_at, registered_at, covered_since, seen_at)
      VALUES (${this.#accessUrlId}, ${hookId}, ${target}, ${isoTime(signedAt)}::timestamptz, ${isoTime(registeredAt)}::timestamptz,
        ${isoTime(coveredSince)}::timestamptz, ${isoTime(seenAt)}::timestamptz)
      ON CONFLICT (access_url_id, hook_id) DO UPDATE SET remote_id = EXCLUDED.remote_id, signed_at = EXCLUDED.signed_at,
        registered_at = EXCLUDED.registered_at, covered_since = EXCLUDED.covered_since, seen_at = EXCLUDED.seen_at`);
  }

  async seen(hookIds: readonly string[], at: number): Promise<void> {
    await this.#db.execute(Prisma.sql`
      UPDATE webhook_hook SET seen_at = ${isoTime(at)}::timestamptz
      WHERE access_url_id = ${this.#accessUrlId} AND hook_id = ANY(${arrayOf(hookIds, 'text')})`);
  }

  async forget(hookIds: readonly string[]): Promise<void> {
    await this.#db.execute(Prisma.sql`
      DELETE FROM webhook_hook WHERE access_url_id = ${this.#accessUrlId} AND hook_id = ANY(${arrayOf(hookIds, 'text')})`);
  }

  async addresses(): Promise<string[]> {
    const [row] = await this.#db.query<{ addresses: string[] }>(Prisma.sql`
      SELECT addresses FROM webhook_server WHERE access_url_id = ${this.#accessUrlId}`);
    return row?.addresses ?? [];
  }

  async noteAddress(address: string): Promise<void> {
    await this.#db.execute(Prisma.sql`
      INSERT INTO webhook_server AS s (access_url_id, addresses) VALUES (${this.#accessUrlId}, ARRAY[${address}]::text[])
      ON CONFLICT (access_url_id) DO UPDATE SET addresses = s.addresses || EXCLUDED.addresses
      WHERE NOT s.addresses @> EXCLUDED.addresses`);
  }

  async server(): Promise<StoredServer> {
    const [row] = await this.#db.query<StoredServer>(Prisma.sql`
      SELECT ${asMs('answered_at')} AS "answeredAt", failures, ${asMs('failing_since')} AS "failingSince", problem,
        ${asMs('next_look_at')} AS "nextLookAt"
      FROM webhook_server WHERE access_url_id = ${this.#accessUrlId}`);
    return row ?? NEVER_ASKED;
  }

  async setServer({ answeredAt, failures, failingSince, problem, nextLookAt }: StoredServer): Promise<void> {
    await this.#db.execute(Prisma.sql`
      INSERT INTO webhook_server (access_url_id, answered_at, failures, failing_since, problem, next_look_at)
      VALUES (${this.#accessUrlId}, ${isoTime(answeredAt)}::timestamptz, ${failures}, ${isoTime(failingSince)}::timestamptz, ${problem},
        ${isoTime(nextLookAt)}::timestamptz)
      ON CONFLICT (access_url_id) DO UPDATE SET answered_at = EXCLUDED.answered_at, failures = EXCLUDED.failures,
        failing_since = EXCLUDED.failing_since, problem = EXCLUDED.problem, next_look_at = EXCLUDED.next_look_at`);
  }

  async tell(entry: StoredHookEntry): Promise<void> {
    const { event, reason, target, hookId, at, from, to, meetings } = entry;
    await this.#db.execute(Prisma.sql`
      INSERT INTO webhook_hook_history (access_url_id, at, event, reason, remote_id, hook_id, from_at, to_at, meetings)
      VALUES (${this.#accessUrlId}, ${isoTime(at)}::timestamptz, ${event}, ${reason}, ${target}, ${hookId},
        ${isoTime(from)}::timestamptz, ${isoTime(to)}::timestamptz, ${arrayOf(meetings, 'text')})`);
  }

  /** Tells that something begins to be so; where it is so already, only that these meetings went on too. */
  async open(entry: StoredHookEntry): Promise<void> {
    const goesOn = await this.#db.execute(Prisma.sql`
      UPDATE webhook_hook_history h
      SET meetings = ARRAY(SELECT DISTINCT unnest(h.meetings || ${arrayOf(entry.meetings, 'text')}) ORDER BY 1)
      WHERE ${this.#isOpen(entry.event, entry.target)}`);
    if (goesOn === 0) await this.tell({ ...entry, to: null });
  }

  async openEntries<Event extends string>(): Promise<{ event: Event; target: string | null; from: number }[]> {
    return this.#db.query(Prisma.sql`
      SELECT event, remote_id AS target, ${asMs('from_at')} AS "from" FROM webhook_hook_history
      WHERE access_url_id = ${this.#accessUrlId} AND from_at IS NOT NULL AND to_at IS NULL ORDER BY id`);
  }

  async close(event: string, target: string | null, to: number): Promise<void> {
    await this.#db.execute(Prisma.sql`
      UPDATE webhook_hook_history h SET to_at = GREATEST(h.from_at, ${isoTime(to)}::timestamptz) WHERE ${this.#isOpen(event, target)}`);
  }

  /** By the ids that each may have its occurrence under, flat ones too: nothing else is looked up. */
  async lastArrivals(
    meetings: readonly { readonly externalId: string; readonly internalId: string }[],
  ): Promise<Map<string, number>> {
    if (meetings.length === 0) return new Map();
    const keys = meetings.flatMap(({ externalId, internalId }) => [`i:${internalId}`, `x:${externalId}`]);
    const rows = await this.#db.query<{ key: string; heard: number | null }>(Prisma.sql`
      SELECT m.occurrence_key AS key,
        (SELECT ${asMs('max(e.received_at)')} FROM conference_event e WHERE e.meeting_id = m.id) AS heard
      FROM conference_meeting m
      WHERE m.access_url_id = ${this.#accessUrlId} AND m.occurrence_key = ANY(${arrayOf(keys, 'text')})`);
    const heard = new Map(rows.map((row) => [row.key, row.heard]));
    return new Map(
      meetings.flatMap(({ externalId, internalId }): [string, number][] => {
        const times = [heard.get(`i:${internalId}`), heard.get(`x:${externalId}`)].filter((time) => typeof time === 'number');
        return times.length === 0 ? [] : [[externalId, Math.max(...times)]];
      }),
    );
  }

  async lastRuns(externalIds: readonly string[]): Promise<Map<string, { endedAt: number | null; heardAt: number | null }>> {
    const rows = await this.#db.query<{ remoteId: string; endedAt: number | null; heardAt: number | null }>(Prisma.sql`
      SELECT DISTINCT ON (m.remote_id) m.remote_id AS "remoteId", ${asMs('m.ended_at')} AS "endedAt",
        (SELECT ${asMs('max(e.received_at)')} FROM conference_event e WHERE e.meeting_id = m.id) AS "heardAt"
      FROM conference_meeting m
      WHERE m.access_url_id = ${this.#accessUrlId} AND m.remote_id = ANY(${arrayOf(externalIds, 'text')})
      ORDER BY m.remote_id, m.created_at DESC, m.id DESC`);
    return new Map(rows.map(({ remoteId, ...run }) => [remoteId, run]));
  }

  async goingOn(since: number): Promise<string[]> {
    const rows = await this.#db.query<{ remoteId: string }>(Prisma.sql`
      SELECT DISTINCT m.remote_id AS "remoteId" FROM conference_meeting m
      WHERE m.access_url_id = ${this.#accessUrlId} AND m.closed_at IS NULL AND m.ended_at IS NULL AND m.remote_id IS NOT NULL
        AND EXISTS (
          SELECT 1 FROM conference_event e WHERE e.meeting_id = m.id AND e.received_at >= ${isoTime(since)}::timestamptz
        )
      ORDER BY 1`);
    return rows.map(({ remoteId }) => remoteId);
  }

  async announced(externalIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.#db.query<{ remoteId: string }>(Prisma.sql`
      SELECT DISTINCT remote_id AS "remoteId" FROM conference_meeting
      WHERE access_url_id = ${this.#accessUrlId} AND announced_at IS NOT NULL AND remote_id = ANY(${arrayOf(externalIds, 'text')})`);
    return new Set(rows.map(({ remoteId }) => remoteId));
  }

  async history<Event extends string>(limit: number): Promise<StoredHookEntry<Event>[]> {
    return this.#db.query(Prisma.sql`
      SELECT ${ENTRY} FROM webhook_hook_history h WHERE h.access_url_id = ${this.#accessUrlId} ORDER BY h.id DESC LIMIT ${limit}`);
  }

  async gaps<Event extends string>(since: number, limit: number): Promise<StoredHookEntry<Event>[]> {
    return this.#db.query(Prisma.sql`
      SELECT ${ENTRY} FROM webhook_hook_history h
      WHERE h.access_url_id = ${this.#accessUrlId} AND h.event IN ('lost', 'missed', 'silent', 'starved')
        AND (h.to_at IS NULL OR h.to_at > ${isoTime(since)}::timestamptz)
      ORDER BY h.from_at DESC LIMIT ${limit}`);
  }

  #isOpen(event: string, target: string | null): Prisma.Sql {
    return Prisma.sql`h.access_url_id = ${this.#accessUrlId} AND h.event = ${event} AND h.remote_id IS NOT DISTINCT FROM ${target}
      AND h.from_at IS NOT NULL AND h.to_at IS NULL`;
  }
}

/** Removes what is told of hooks of more than `days` days ago, and has ended. Gives the number of entries. */
export async function forgetHookHistory(db: Statements, days: number): Promise<number> {
  return db.execute(Prisma.sql`
    DELETE FROM webhook_hook_history
    WHERE at < now() - make_interval(days => ${days}::int) AND (from_at IS NULL OR to_at IS NOT NULL)`);
}

/**
 * Takes a room out of the history of hooks, for ever, unless a meeting of it is still kept. Gives the number of entries that went; a global
 * hook's stay without it.
 */
export async function eraseHookHistory(db: Statements, accessUrlId: number, remoteId: string): Promise<number> {
  const isGone = Prisma.sql`h.access_url_id = ${accessUrlId} AND NOT EXISTS (
    SELECT 1 FROM conference_meeting m WHERE m.access_url_id = ${accessUrlId} AND m.remote_id = ${remoteId}
  )`;
  const gone = await db.execute(Prisma.sql`DELETE FROM webhook_hook_history h WHERE h.remote_id = ${remoteId} AND ${isGone}`);
  await db.execute(Prisma.sql`
    UPDATE webhook_hook_history h SET meetings = array_remove(h.meetings, ${remoteId})
    WHERE ${remoteId} = ANY(h.meetings) AND ${isGone}`);
  return gone;
}
