import { makeScript } from './make-script.js';
import type { RecordedRequest } from './recording.js';
import { SeededRandom } from './seeded-random.js';
import { renumberDelivery } from './shift-delivery.js';
import { tellScript } from './tell-script.js';
import type { ToldEvent } from './told-event.js';
import { type RawEvent, textAt } from './webhook-delivery.js';
import { wordAsBbb } from './word-event.js';

/**
 * The events of a recording, each once and in the order of their times: what happened in the meeting, not how it came to be told. `renumber` is put to
 * every internal id, so that the same recording is another occurrence of the same room.
 */
export function recordedMeeting(lines: readonly RecordedRequest[], renumber = ''): readonly RawEvent[] {
  const events = lines.flatMap(({ delivery }) => renumberDelivery(delivery, renumber).events);
  const once = new Map(events.map((event) => [JSON.stringify(event), event]));
  return inOrder([...once.values()]);
}

/**
 * The events of a generated meeting as a BBB server words them, in the order of their times. Of the script (make-script.ts) it is the runs that
 * have internal ids, with the external id in every event; runs whose end or beginning is not told get one, since a server tells both.
 */
export function scriptedMeeting(seed: number): readonly RawEvent[] {
  const random = new SeededRandom(seed + 2 ** 41);
  const script = makeScript(seed);
  const told = tellScript({ ...script, announcements: [], heldBack: 'nothing' }, random, 0);
  const events = told.flatMap(({ script: { internalId, startsAt, createdTold, endedAt }, events: acts }) => {
    if (internalId === null) return [];
    const meeting = { internalId, externalId: script.externalId, room: script.externalId };
    const at = acts.map((act) => act.at);
    const [end = Math.max(startsAt, ...at) + 1_000] = endedAt;
    const bare = { user: null, stream: null, emoji: null, inSeconds: false, byPlatform: false, title: null, late: false };
    const missing: ToldEvent[] = [
      ...(createdTold ? [] : [{ ...bare, meeting, meaning: 'meeting_created' as const, at: Math.min(startsAt, ...at) }]),
      ...(endedAt.length > 0 ? [] : [{ ...bare, meeting, meaning: 'meeting_ended' as const, at: end }]),
    ];
    return [...missing, ...acts.map((act) => ({ ...act, meeting, inSeconds: false }))];
  });
  return inOrder(events.map((event) => wordAsBbb(event, random)));
}

/** The events at another time: the first at `startAt` (unix ms), the others `stretch` times as far from it as they are. */
export function retime(events: readonly RawEvent[], startAt: number, stretch: number): readonly RawEvent[] {
  const first = events.reduce((least, { data }) => Math.min(least, data.event.ts), Number.POSITIVE_INFINITY);
  return events.map((event) => {
    const ts = Math.round(startAt + (event.data.event.ts - first) * stretch);
    return { ...event, data: { ...event.data, event: { ...event.data.event, ts } } };
  });
}

/** At one instant the beginning of a meeting comes first and its end last. */
function inOrder(events: readonly RawEvent[]): readonly RawEvent[] {
  const rank = ({ data }: RawEvent) => (data.id === 'meeting-created' ? 0 : data.id === 'meeting-ended' ? 2 : 1);
  return [...events].sort((a, b) => a.data.event.ts - b.data.event.ts || rank(a) - rank(b));
}

/** The external id of the room that the events are about; null where none tells it. */
export function roomOf(events: readonly RawEvent[]): string | null {
  for (const event of events) {
    const room = textAt(event, 'meeting', 'external-meeting-id');
    if (room !== null) return room;
  }
  return null;
}
