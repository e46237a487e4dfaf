import type { MeetingPolicy } from './expected-marks.js';
import { type ExpectedOccurrence, expectedNumbers } from './expected-numbers.js';
import { makeScript } from './make-script.js';
import type { RoomScript } from './meeting-script.js';
import { type DeliveryPlan, planDelivery } from './plan-delivery.js';
import { SeededRandom } from './seeded-random.js';
import { tellScript } from './tell-script.js';
import { wordEvent } from './word-event.js';

/** A meeting out of a seed: what happens, how it comes to be told, and what the rows must hold in the end. */
export interface GeneratedMeeting {
  readonly seed: number;
  readonly script: RoomScript;
  readonly plan: DeliveryPlan;
  readonly expected: readonly ExpectedOccurrence[];
}

export interface MeetingOptions {
  /** The deliveries' own timestamp, unix ms. */
  readonly deliveredAt: number;
  readonly policy: MeetingPolicy;
  /** Whether somebody looks for meetings that ended unheard, between the requests and the late ones. */
  readonly looked: boolean;
}

/** The same seed gives the same meeting, but for the timestamps of its deliveries and announcements. Different seeds share no ids. */
export function generateMeeting(seed: number, { deliveredAt, ...options }: MeetingOptions): GeneratedMeeting {
  const random = new SeededRandom(seed + 2 ** 40);
  const script = makeScript(seed);
  const told = tellScript(script, random, deliveredAt);
  const worded = told.flatMap(({ events }) => events.map((event) => wordEvent(event, random)));
  return { seed, script, plan: planDelivery(worded, random, { deliveredAt }), expected: expectedNumbers(script, told, options) };
}
