import { type ExpectedOccurrence, expectedNumbers } from './expected-numbers.js';
import { makeScript } from './make-script.js';
import type { RoomScript } from './meeting-script.js';
import { type DeliveryPlan, planDelivery } from './plan-delivery.js';
import type { BodyOptions } from './planned-request.js';
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

/** The same seed gives the same meeting, but for the timestamp of its deliveries. Different seeds share no ids. */
export function generateMeeting(seed: number, options: BodyOptions): GeneratedMeeting {
  const random = new SeededRandom(seed + 2 ** 40);
  const script = makeScript(seed);
  const told = tellScript(script, random);
  const worded = told.flatMap(({ events }) => events.map((event) => wordEvent(event, random)));
  return { seed, script, plan: planDelivery(worded, random, options), expected: told.map(expectedNumbers) };
}
