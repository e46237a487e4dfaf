import { isDeepStrictEqual } from 'node:util';
import { type GeneratedMeeting, generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import type { PlannedRequest } from '@bbb-activity/simulator/planned-request';
import { RequestSlots } from '@bbb-activity/simulator/request-slots';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { signPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';
import { KEYS } from '../ingress-server.js';
import { inOrder, type OccurrenceRows, rowsOfScript } from './rows.js';
import { readRooms } from './stored-rows.js';
import { type BackendKind, LawSystem } from './system.js';
import { foldWhole, identityKeyOf, readRequests } from './whole-fold.js';

/** What a run of meetings came to. */
export interface LawReport {
  readonly meetings: number;
  readonly occurrences: number;
  /** Different events. */
  readonly events: number;
  /** Events that were sent once more. */
  readonly duplicates: number;
  readonly requests: number;
  /** Events that were sent after one of a later time, in their own meeting. */
  readonly inversions: number;
  /** Workers that were killed. */
  readonly crashes: number;
  readonly differences: readonly Difference[];
  /** Looks once more, as the rows are by then. */
  compareAgain(): Promise<readonly Difference[]>;
}

/** A meeting whose rows are not what they must be. */
export interface Difference {
  readonly seed: number;
  readonly what: 'script and fold' | 'fold and rows' | 'events and journal';
  readonly expected: unknown;
  readonly found: unknown;
}

export interface RunOptions {
  readonly backend: BackendKind;
  readonly databaseUrl: string;
  readonly seeds: readonly number[];
  /** Workers that are killed while the meetings are sent. */
  readonly crashes: number;
  readonly workers: number;
  readonly partitions: number;
  readonly batchMaxEvents: number;
}

const REQUESTS_AT_ONCE = 24;

/**
 * Sends the meetings of the seeds at once to a system of its own, kills workers meanwhile, waits until all is applied and compares
 * every row with the script and with the fold of the whole.
 */
export async function runMeetings(options: RunOptions): Promise<LawReport> {
  const meetings = options.seeds.map((seed) => generateMeeting(seed, { deliveredAt: Date.now() }));
  const random = new SeededRandom(options.seeds[0] ?? 0);
  const system = await LawSystem.start(options);
  try {
    await Promise.all([send(meetings, system, random), crash(system, options.crashes)]);
    await system.untilEmpty();
    const letters = await system.deadLetters();
    if (letters > 0) throw new Error(`${letters} dead letters`);
    const { crashes, identitySecret } = system;
    const compared = () => compareMeetings(meetings, identityKeyOf(identitySecret), options.databaseUrl);
    return { ...(await compared()), crashes, compareAgain: async () => (await compared()).differences };
  } finally {
    await system.close();
  }
}

/** One after the other, each as soon as its successor works: some meetings are sent while nobody serves a partition. */
async function crash(system: LawSystem, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await system.crash();
}

/** Each meeting in its own order, all of them side by side. */
async function send(meetings: readonly GeneratedMeeting[], system: LawSystem, random: SeededRandom): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  const keys = {
    target: system.address,
    sharedSecret: KEYS.BBB_SECRET,
    salt: KEYS.WEBHOOK_SALT,
    kernelSecret: KEYS.KERNEL_SECRET,
    registeredAt: [now - 300, now] as const,
  };
  const slots = new RequestSlots(REQUESTS_AT_ONCE);
  await Promise.all(interleave(meetings, random).map((request) => slots.run(() => post(request))));

  async function post(request: PlannedRequest): Promise<void> {
    const { url, headers, body } = signPlannedRequest(request, keys, Math.floor(Date.now() / 1_000));
    const response = await fetch(url, { method: 'POST', headers, body });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.status === 200 && answer['malformed'] === 0) return;
    throw new Error(`a request was answered ${response.status} ${JSON.stringify(answer)}: ${body}`);
  }
}

function interleave(meetings: readonly GeneratedMeeting[], random: SeededRandom): PlannedRequest[] {
  return meetings
    .flatMap(({ plan: { requests } }) =>
      requests.map((request, index) => ({ request, place: (index + random.next()) / requests.length })),
    )
    .sort((a, b) => a.place - b.place)
    .map(({ request }) => request);
}

/** Compares every row of the meetings with the script and with the fold of the whole, and the journal with what was sent. */
export async function compareMeetings(
  meetings: readonly GeneratedMeeting[],
  identityKey: Buffer,
  databaseUrl: string,
): Promise<Omit<LawReport, 'crashes' | 'compareAgain'>> {
  const read = meetings.map((meeting) => {
    const sent = readRequests(meeting.plan.requests, identityKey);
    const identities = new Set(sent.map(({ identity }) => identity));
    return { meeting, sent, identities, folded: inOrder(foldWhole(sent)) };
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
    check('script and fold', inOrder(meeting.expected.map(rowsOfScript)), folded);
    check('fold and rows', folded, inOrder(rows?.occurrences ?? []));
    check('events and journal', [...identities].sort(), [...(rows?.identities ?? [])].sort());
  }
  const sum = (of: (one: (typeof read)[number]) => number) => read.reduce((total, one) => total + of(one), 0);
  return {
    meetings: meetings.length,
    occurrences: sum(({ folded }) => folded.length),
    events: sum(({ identities }) => identities.size),
    duplicates: sum(({ sent, identities }) => sent.length - identities.size),
    requests: sum(({ meeting }) => meeting.plan.requests.length),
    inversions: sum(({ meeting }) => meeting.plan.inversions),
    differences,
  };
}

function keyOf({ internalId, externalId }: OccurrenceRows): string {
  return internalId === null ? `x:${externalId}` : `i:${internalId}`;
}
