import { BbbClient } from '@bbb-activity/bbb/bbb-client';
import { CallbackUrls } from '@bbb-activity/bbb/callback-urls';
import { readSettings } from '@bbb-activity/config/read-settings';
import { scaledClock } from '@bbb-activity/simulator/bbb-clock';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { recordedMeeting, roomOf } from '@bbb-activity/simulator/told-meeting';
import type { RawEvent } from '@bbb-activity/simulator/webhook-delivery';
import type { Standalone } from './start.js';

/** What stands for "as fast as possible": 45 s of a meeting in 45 ms, and the sender's five minutes of retries in a third of a second. */
const FASTEST = 1_000;
/** Of the posts of the flaky meeting, one in so many has its answer lost at the first try, as when it was recorded. */
const LOST_ONE_IN = 3;

/**
 * A BBB server of the demo's own on which the recorded meetings happen again, both at once. A hook is registered with it, the meetings are
 * told to the standalone as in life, and the hook is removed. Throws where an event was lost, and what the calls of {@link BbbClient} throw.
 *
 * @param speed 1 is the recorded pace, 0 as fast as possible
 */
export async function playMeetings(
  { address, environment }: Standalone,
  speed: number,
  say: (line: string) => void,
): Promise<void> {
  const settings = readSettings(environment, ['WEBHOOK_SALT', 'ACCESS_URL_ID', 'WEBHOOKS_HASH_ALGO'], ['BBB_SECRET']);
  const meetings = await Promise.all(
    RECORDING_NAMES.map(async (name) => ({ name, events: recordedMeeting(await readRecording(recordingPath(name))) })),
  );
  const flakyRoom = roomOf(meetings.find(({ name }) => name === 'flaky')?.events ?? []);
  const timeScale = speed === 0 ? FASTEST : Math.min(speed, FASTEST);
  let posts = 0;
  const losesAnswer = ({ events, attempt }: { readonly events: readonly RawEvent[]; readonly attempt: number }) => {
    if (attempt > 1 || roomOf(events) !== flakyRoom) return false;
    posts += 1;
    return posts % LOST_ONE_IN === 0;
  };
  // Faster than life they happened before now: no server tells of what has not happened yet.
  const longest = Math.max(...meetings.map(({ events }) => lengthOf(events)));
  const clock = scaledClock(timeScale, timeScale > 1 ? Date.now() - longest : Date.now());
  const bbb = await SimulatedBbb.start({ secret: settings.BBB_SECRET, clock, losesAnswer });
  try {
    const client = new BbbClient({ url: bbb.url, secret: settings.BBB_SECRET });
    const callbackUrls = new CallbackUrls({
      accessUrlId: settings.ACCESS_URL_ID,
      publicUrl: address,
      formerUrls: [],
      salts: [settings.WEBHOOK_SALT ?? settings.BBB_SECRET],
      algorithm: settings.WEBHOOKS_HASH_ALGO,
    });
    const callbackUrl = callbackUrls.make(null, Math.floor(Date.now() / 1_000));
    const { hookId } = await client.createHook({ callbackUrl, meetingId: null, eventNames: [] });
    say(`a BBB server at ${bbb.url} has our hook`);
    await Promise.all(meetings.map(({ events }) => bbb.play(events)));
    await bbb.settled();
    const [lost] = bbb.lostEvents();
    if (lost !== undefined) throw new Error(`${bbb.lostEvents().length} events were lost, the first of them: ${lost.reason}`);
    if (!(await client.destroyHook(hookId))) throw new Error('the hook was gone before its time');
    for (const { name, events } of meetings) {
      const sent = bbb.sent().filter(({ events: told }) => roomOf(told) === roomOf(events)).length;
      say(`told ${name}: ${events.length} events in ${sent} posts, ${sent - events.length} of them again`);
    }
  } finally {
    await bbb.close();
  }
}

function lengthOf(events: readonly RawEvent[]): number {
  return (events.at(-1)?.data.event.ts ?? 0) - (events[0]?.data.event.ts ?? 0);
}
