import { type GeneratedMeeting, generateMeeting } from '@bbb-activity/simulator/generated-meeting';
import type { PlannedRequest } from '@bbb-activity/simulator/planned-request';
import { RequestSlots } from '@bbb-activity/simulator/request-slots';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { signPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';
import { KEYS } from '../ingress-server.js';
import { type Comparison, compareMeetings, type Difference } from './compare-meetings.js';
import { lookForEnds } from './look-for-ends.js';
import { howToRepeat, type Wave } from './repeat.js';
import { LawSystem } from './system.js';

/** What a run of meetings came to. */
export interface LawReport extends Comparison {
  /** Workers that were killed. */
  readonly crashes: number;
  /** Occurrences that were presumed ended by the first look, and are not any more. */
  readonly lifted: number;
  /** Looks once more, as the rows are by then. */
  compareAgain(): Promise<readonly Difference[]>;
}

const REQUESTS_AT_ONCE = 24;

/**
 * Sends the meetings of a wave at once to a system of its own, kills workers meanwhile and waits until all is applied; looks for meetings
 * that ended unheard, sends what was held back until then, and compares every row with the script and with the fold of the whole.
 *
 * @throws Error which tells how to repeat the run
 */
export async function runMeetings(wave: Wave, databaseUrl: string): Promise<LawReport> {
  try {
    return await runWave(wave, databaseUrl);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; again: ${howToRepeat(wave)}`, { cause: error });
  }
}

async function runWave(wave: Wave, databaseUrl: string): Promise<LawReport> {
  const { policy, crashes } = wave.system;
  const meetings = wave.seeds.map((seed) => generateMeeting(seed, { deliveredAt: Date.now(), policy, looked: true }));
  const random = new SeededRandom(wave.seed);
  const system = await LawSystem.start({ ...wave.system, databaseUrl });
  const { identitySecret } = system;
  const compared = (sent: 'first' | 'all') =>
    compareMeetings(meetings, { databaseUrl, identitySecret, policy, looked: true, sent });
  try {
    const first = interleave(meetings, random, ({ plan }) => plan.requests);
    await Promise.all([send(first, system), crash(system, crashes)]);
    await system.untilEmpty();
    await lookForEnds(databaseUrl, meetings);
    const before = await compared('first');
    await send(
      interleave(meetings, random, ({ plan }) => plan.late),
      system,
    );
    await system.untilEmpty();
    const letters = await system.deadLetters();
    if (letters > 0) throw new Error(`${letters} dead letters`);
    const after = await compared('all');
    return {
      ...after,
      differences: [...before.differences, ...after.differences],
      lifted: before.presumed - after.presumed,
      crashes: system.crashes,
      compareAgain: async () => (await compared('all')).differences,
    };
  } finally {
    await system.close();
  }
}

/** One after the other, each as soon as its successor works: some meetings are sent while nobody serves a partition. */
async function crash(system: LawSystem, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await system.crash();
}

async function send(requests: readonly PlannedRequest[], system: LawSystem): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  const keys = {
    target: system.address,
    sharedSecret: KEYS.BBB_SECRET,
    salt: KEYS.WEBHOOK_SALT,
    kernelSecret: KEYS.KERNEL_SECRET,
    registeredAt: [now - 300, now] as const,
  };
  const slots = new RequestSlots(REQUESTS_AT_ONCE);
  await Promise.all(requests.map((request) => slots.run(() => post(request))));

  async function post(request: PlannedRequest): Promise<void> {
    const { url, headers, body } = signPlannedRequest(request, keys, Math.floor(Date.now() / 1_000));
    const response = await fetch(url, { method: 'POST', headers, body });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.status === 200 && answer['malformed'] === 0) return;
    throw new Error(`a request was answered ${response.status} ${JSON.stringify(answer)}: ${body}`);
  }
}

/** Each meeting in its own order, all of them side by side. */
function interleave(
  meetings: readonly GeneratedMeeting[],
  random: SeededRandom,
  requestsOf: (meeting: GeneratedMeeting) => readonly PlannedRequest[],
): PlannedRequest[] {
  return meetings
    .flatMap((meeting) => {
      const requests = requestsOf(meeting);
      return requests.map((request, index) => ({ request, place: (index + random.next()) / requests.length }));
    })
    .sort((a, b) => a.place - b.place)
    .map(({ request }) => request);
}
