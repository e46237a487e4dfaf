import { isDeepStrictEqual } from 'node:util';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { readDelivery } from '@bbb-activity/events/read-delivery';
import type { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { openStore } from '@bbb-activity/store/client';
import { groupBy } from '@bbb-activity/store/group-by';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { inOrder } from '../law/rows.js';
import { readRooms } from '../law/stored-rows.js';
import { foldWhole } from '../law/whole-fold.js';

/** What a fault came to. */
export interface FaultReport {
  /** Different events that the BBB server posted. */
  readonly sent: number;
  /** Of these, how many were answered as delivered. */
  readonly acknowledged: number;
  /** Events that came once more, by retry. */
  readonly duplicates: number;
  /** Acknowledged events that are not in the journal. */
  readonly lost: number;
  /** Events in the journal that were never sent. */
  readonly foreign: number;
  /** Occurrences whose rows are not the fold of the journal's events, and participants that `verify` finds wrong. */
  readonly wrongRows: number;
}

/**
 * Compares what the BBB server knows of its posts with the database, by the law (docs/metrics.md): the rows must be the fold of the unique events, which
 * must hold all that was acknowledged. The events are read from the posted bodies, and folded, by the pure packages alone.
 */
export async function reportOf(bbb: SimulatedBbb, databaseUrl: string, identityKey: Buffer): Promise<FaultReport> {
  const read = new Map<string, readonly ConferenceEvent[]>();
  const acknowledged = new Set<string>();
  let posted = 0;
  for (const { body, status } of bbb.sent()) {
    const events = read.get(body) ?? eventsOf(body, identityKey);
    read.set(body, events);
    posted += events.length;
    if (status === 200) for (const { identity } of events) acknowledged.add(identity);
  }
  const sent = new Map([...read.values()].flat().map((event) => [event.identity, event]));
  const byRoom = groupBy(sent.values(), ({ meeting }) => meeting.externalId ?? '');
  const keys = [...byRoom].map(
    ([room, events]) => [room, [...new Set(events.map(({ meeting }) => `i:${meeting.internalId}`))]] as const,
  );
  const stored = await readRooms(databaseUrl, new Map(keys));
  const journal = new Set([...stored.values()].flatMap(({ identities }) => [...identities]));
  let wrongRows = 0;
  for (const [room, events] of byRoom) {
    const kept = events.filter(({ identity }) => journal.has(identity));
    const folded = inOrder(foldWhole(kept, 'register', new Map()));
    const rows = inOrder(stored.get(room)?.occurrences ?? []);
    wrongRows += folded.filter((expected, index) => !isDeepStrictEqual(rows[index], expected)).length;
    wrongRows += Math.max(0, rows.length - folded.length);
  }
  return {
    sent: sent.size,
    acknowledged: acknowledged.size,
    duplicates: posted - sent.size,
    lost: [...acknowledged].filter((identity) => !journal.has(identity)).length,
    foreign: [...journal].filter((identity) => !sent.has(identity)).length,
    wrongRows: wrongRows + (await foundByVerify(databaseUrl)),
  };
}

/** The events of a posted body, as ingress reads them. */
export function eventsOf(body: string, identityKey: Buffer): readonly ConferenceEvent[] {
  const { events, malformed, excess } = readDelivery({
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(body),
    accessUrlId: 1,
    mid: null,
    receivedAt: 1,
    requestId: 'fault',
    identityKey,
    maxEvents: 1_000,
  });
  if (malformed.length + excess > 0) throw new Error(`a post cannot be read: ${body}`);
  return events;
}

async function foundByVerify(databaseUrl: string): Promise<number> {
  const store = openStore({ databaseUrl, maxConnections: 2 });
  let found = 0;
  try {
    for await (const { sealed, differences } of rebuildAll(store, { dryRun: true })) {
      found += differences.length + (sealed ? 1 : 0);
    }
  } finally {
    await store.close();
  }
  return found;
}
