import { formText, xmlText } from './body-texts.js';
import type { SeededRandom } from './seeded-random.js';
import type { WordedEvent } from './word-event.js';

/** A request before it is signed. */
export interface PlannedRequest {
  readonly endpoint: 'legacy' | 'modern';
  /** Which of the hooks, or of the signatures, it comes through. */
  readonly hook: 0 | 1;
  /** External meeting id of the hook; empty for a global one. */
  readonly mid: string;
  readonly contentType: string;
  readonly body: string;
  /** How many events it holds. */
  readonly events: number;
  /** When it must be signed, unix seconds; null for when it is sent. */
  readonly signedSeconds: number | null;
}

export interface BodyOptions {
  /** The delivery's own timestamp, unix ms. */
  readonly deliveredAt: number;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded;charset=UTF-8';

/** One request with these events, in a form drawn from those that can hold them (docs/wire.md, "Event forms"). Throws RangeError for none. */
export function requestOf(events: readonly WordedEvent[], random: SeededRandom, { deliveredAt }: BodyOptions): PlannedRequest {
  const words = events.map((event) => event.words);
  const hook = random.pick([0, 1] as const);
  const [first] = words;
  if (first === undefined) throw new RangeError('a request holds one event or more');
  if (events.some(({ form }) => form === 'platform')) {
    const asForm = random.chance(0.5);
    const body = asForm ? formText(first) : JSON.stringify(first);
    const signedSeconds = events[0]?.signedSeconds ?? null;
    return { endpoint: 'modern', hook, mid: '', contentType: asForm ? FORM_TYPE : JSON_TYPE, body, events: 1, signedSeconds };
  }
  const needed = events.find(({ needsMeetingOfHook }) => needsMeetingOfHook !== null)?.needsMeetingOfHook ?? null;
  const bodies = [
    () => bbbForm(words, deliveredAt),
    () => json(random.chance(0.5) ? words : { event: words }, random),
    () => json({ events: words, timestamp: deliveredAt }, random),
    ...(words.length === 1 ? [() => json(first, random)] : []),
    // Twice each: what only texts can have is rare otherwise.
    ...(events.every(({ form }) => form === 'text') ? textBodies(words) : []),
    ...(events.every(({ form }) => form === 'text') ? textBodies(words) : []),
  ];
  // The modern endpoint takes every form too, but its URL tells no meeting.
  const endpoint = needed === null && random.chance(0.1) ? 'modern' : 'legacy';
  return { endpoint, hook, mid: needed ?? '', events: words.length, signedSeconds: null, ...random.pick(bodies)() };
}

type Body = Pick<PlannedRequest, 'contentType' | 'body'>;
type Words = WordedEvent['words'];

function bbbForm(words: readonly Words[], deliveredAt: number): Body {
  const body = formText({ domain: 'bbb.example.com', event: JSON.stringify(words), timestamp: String(deliveredAt) });
  return { contentType: FORM_TYPE, body };
}

/** Some senders send JSON under the type of a form. */
function json(value: unknown, random: SeededRandom): Body {
  return { contentType: random.chance(0.3) ? FORM_TYPE : JSON_TYPE, body: JSON.stringify(value) };
}

function textBodies(words: readonly Words[]): (() => Body)[] {
  const [first = {}] = words;
  const list = () => ({ contentType: 'application/xml', body: xmlText('events', { event: words }) });
  if (words.length > 1) return [list];
  return [
    list,
    () => ({ contentType: 'text/xml', body: xmlText('notification', first) }),
    () => ({ contentType: FORM_TYPE, body: formText(first) }),
  ];
}
