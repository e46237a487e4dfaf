import { isDeepStrictEqual } from 'node:util';
import type { MeetingPolicy } from '@bbb-activity/simulator/expected-marks';
import type { GeneratedMeeting } from '@bbb-activity/simulator/generated-meeting';
import { openStore } from '@bbb-activity/store/client';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { marksAfter, marksOf } from './look-for-ends.js';
import { inOrder, type OccurrenceRows, rowsOfScript } from './rows.js';
import { readRooms } from './stored-rows.js';
import { foldWhole, identityKeyOf, type Marks, readRequests } from './whole-fold.js';

/** A meeting whose rows are not what they must be. */
export interface Difference {
  /** Null where the whole database was asked about. */
  readonly seed: number | null;
  readonly what: 'script and fold' | 'fold and rows' | 'events and journal' | 'rows and verify';
  readonly expected: unknown;
  readonly found: unknown;
}

export interface Comparison {
  readonly meetings: number;
  readonly occurrences: number;
  /** Different events. */
  readonly events: number;
  /** Events that were sent once more. */
  readonly duplicates: number;
  readonly requests: number;
  /** Events that were sent after one of a later time, in their own meeting. */
  readonly inversions: number;
  /** Occurrences that wait for their room to be announced. */
  readonly unknown: number;
  /** Occurrences that are presumed ended. */
  readonly presumed: number;
  readonly differences: readonly Difference[];
}

export interface CompareOptions {
  readonly databaseUrl: string;
  readonly identitySecret: string;
  readonly policy: MeetingPolicy;
  /** Whether somebody looked for meetings that ended unheard after the first requests. */
  readonly looked: boolean;
  /** `first`: the late requests are not sent yet. */
  readonly sent: 'first' | 'all';
}

/**
 * Compares every row of the meetings with the fold of the whole and, once all is sent, with the script; the journal with what was sent; and
 * in the end asks as an operator does: the dry run of a rebuild must find nothing (docs/operations.md).
 */
export async function compareMeetings(meetings: readonly GeneratedMeeting[], options: CompareOptions): Promise<Comparison> {
  const { policy, looked, databaseUrl } = options;
  const identityKey = identityKeyOf(options.identitySecret);
  const read = meetings.map((meeting) => {
    const first = readRequests(meeting.plan.requests, identityKey);
    const late = options.sent === 'all' ? readRequests(meeting.plan.late, identityKey) : [];
    const sent = [...first, ...late];
    const marks: Marks = looked ? marksAfter(marksOf(first, policy, meeting.script.server), first, late) : new Map();
    const identities = new Set(sent.map(({ identity }) => identity));
    return { meeting, sent, identities, folded: inOrder(foldWhole(sent, policy, marks)) };
  });
  const keys = read.map(({ meeting, folded }) => [meeting.script.externalId, folded.map((one) => keyOf(one))] as const);
  const stored = await readRooms(databaseUrl, new Map(keys));

  const differences: Difference[] = [];
  for (const { meeting, identities, folded } of read) {
    const { seed, script } = meeting;
    const rows = stored.get(script.externalId);
    const check = (what: Difference['what'], expected: unknown, found: unknown) => {
      if (!isDeepStrictEqual(found, expected)) differences.push({ seed, what, expected, found });
    };
    if (options.sent === 'all') check('script and fold', inOrder(meeting.expected.map(rowsOfScript)), folded);
    check('fold and rows', folded, inOrder(rows?.occurrences ?? []));
    check('events and journal', [...identities].sort(), [...(rows?.identities ?? [])].sort());
  }
  if (options.sent === 'all') differences.push(...(await verify(databaseUrl)));
  const sum = (of: (one: (typeof read)[number]) => number) => read.reduce((total, one) => total + of(one), 0);
  return {
    meetings: meetings.length,
    occurrences: sum(({ folded }) => folded.length),
    events: sum(({ identities }) => identities.size),
    duplicates: sum(({ sent, identities }) => sent.length - identities.size),
    requests: sum(({ meeting: { plan } }) => plan.requests.length + (options.sent === 'all' ? plan.late.length : 0)),
    inversions: sum(({ meeting }) => meeting.plan.inversions),
    unknown: sum(({ folded }) => folded.filter(({ known }) => !known).length),
    presumed: sum(({ folded }) => folded.filter(({ presumedEnd }) => presumedEnd !== null).length),
    differences,
  };
}

/** What `bbb-activity verify` tells of the whole database. */
async function verify(databaseUrl: string): Promise<Difference[]> {
  const store = openStore({ databaseUrl, maxConnections: 2 });
  try {
    const found: Difference[] = [];
    for await (const { meetingId, sealed, differences } of rebuildAll(store, { dryRun: true })) {
      if (!sealed && differences.length === 0) continue;
      found.push({ seed: null, what: 'rows and verify', expected: [], found: { meetingId, sealed, differences } });
    }
    return found;
  } finally {
    await store.close();
  }
}

function keyOf({ internalId, externalId }: OccurrenceRows): string {
  return internalId === null ? `x:${externalId}` : `i:${internalId}`;
}
