import type { RecordedRequest } from './recording.js';
import { renumberDelivery, shiftDelivery } from './shift-delivery.js';
import { encodeDelivery, type RawEvent, textAt, type WebhookDelivery } from './webhook-delivery.js';

/** A meeting as the replay tells it. */
export interface ReplayedMeeting {
  readonly internalId: string;
  /** Null where no event of the recording tells it. */
  readonly externalId: string | null;
  /** Time of its earliest event, unix ms. */
  readonly firstEventAt: number;
  /** Time of its latest event, unix ms. */
  readonly lastEventAt: number;
}

export interface PlannedRequest {
  /** When the request is due, unix ms. */
  readonly dueAt: number;
  readonly body: string;
}

/** What a replay will send, and when. */
export interface ReplayPlan {
  readonly requests: readonly PlannedRequest[];
  /** What every time of the recording was moved by, in ms. */
  readonly offsetMs: number;
  /** Different events: equal content is one event, however often it is sent. */
  readonly events: number;
  /** Events that are sent again. */
  readonly duplicates: number;
  readonly meetings: readonly ReplayedMeeting[];
}

export interface PlanOptions {
  /** 1: as recorded; 10: ten times as fast; Infinity: all at once. */
  readonly speed: number;
  /** Time of the earliest event, unix ms. */
  readonly startAt: number | undefined;
  readonly renumber: string | undefined;
  /** Unix ms. */
  readonly now: number;
}

/**
 * Moves a recording to another time by one constant, so that the spacing of its events, and with it every number made of them,
 * stays exact. Faster than recorded, only the sending is faster: the meeting then ends `now`, since an event of the
 * future is none that a sender would send.
 */
export function planReplay(lines: readonly RecordedRequest[], options: PlanOptions): ReplayPlan {
  const eventTimes = lines.flatMap((line) => line.delivery.events.map((event) => event.data.event.ts));
  const firstEventAt = earliest(eventTimes);
  const lastTime = latest([...eventTimes, ...lines.map((line) => line.delivery.timestamp)]);
  const startAt = options.startAt ?? (options.speed > 1 ? options.now - (lastTime - firstEventAt) : options.now);
  const offsetMs = startAt - firstEventAt;

  const planned = lines.map((line) => ({ atMs: line.atMs, delivery: move(line.delivery, offsetMs, options.renumber) }));
  const deliveries = planned.map(({ delivery }) => delivery);
  // At the recorded pace a request leaves as long after the first event as it did then, not after the first request:
  // otherwise an event that was delivered faster than the first one would lie in the future.
  const firstAfterMs = options.speed > 1 ? 0 : (lines[0]?.receivedAt ?? firstEventAt) - firstEventAt;
  const sendFrom = options.speed > 1 ? options.now : Math.max(options.now, startAt);
  return {
    requests: planned.map(({ atMs, delivery }) => ({
      dueAt: sendFrom + (firstAfterMs + atMs) / options.speed,
      body: encodeDelivery(delivery),
    })),
    offsetMs,
    ...countEvents(deliveries),
    meetings: listMeetings(deliveries),
  };
}

function move(delivery: WebhookDelivery, offsetMs: number, renumber: string | undefined): WebhookDelivery {
  const moved = shiftDelivery(delivery, offsetMs);
  return renumber === undefined ? moved : renumberDelivery(moved, renumber);
}

function countEvents(deliveries: readonly WebhookDelivery[]): { events: number; duplicates: number } {
  const contents = deliveries.flatMap((delivery) => delivery.events.map((event) => JSON.stringify(event)));
  const events = new Set(contents).size;
  return { events, duplicates: contents.length - events };
}

function listMeetings(deliveries: readonly WebhookDelivery[]): readonly ReplayedMeeting[] {
  const byId = new Map<string, RawEvent[]>();
  for (const event of deliveries.flatMap((delivery) => delivery.events)) {
    const internalId = textAt(event, 'meeting', 'internal-meeting-id');
    if (internalId === null) continue;
    const events = byId.get(internalId);
    if (events === undefined) byId.set(internalId, [event]);
    else events.push(event);
  }
  return [...byId].map(([internalId, events]) => {
    const times = events.map((event) => event.data.event.ts);
    const externalIds = events.map((event) => textAt(event, 'meeting', 'external-meeting-id'));
    return {
      internalId,
      externalId: externalIds.find((id) => id !== null) ?? null,
      firstEventAt: earliest(times),
      lastEventAt: latest(times),
    };
  });
}

function earliest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function latest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
