import { SeededRandom } from './seeded-random.js';
import type { RawEvent } from './webhook-delivery.js';

export interface LessonOptions {
  readonly seed: number;
  readonly title: string;
  /** External meeting id: the room. */
  readonly room: string;
  /** Unix ms. */
  readonly startsAt: number;
  readonly minutes: number;
  readonly people: number;
  /** Events after this time (unix ms) have not happened yet, so that the lesson goes on; default: all happen. */
  readonly now?: number;
  /** Whether the server tells who talks; else only open microphones, as a BBB server without patches does. */
  readonly tellsTalking?: boolean;
  /** Of a breakout room: the internal id of its parent. */
  readonly parent?: string;
  /** The external id of the first person; the others follow. Who has the same id in another lesson is the same person. */
  readonly firstId: number;
}

const MINUTE_MS = 60_000;
const EMOJIS = ['👍', '👍', '👍', '👏', '👏', '❤️', '😂', '😮'] as const;
const GIVEN_NAMES = ['Ana', 'Bram', 'Chloé', 'Dmitri', 'Elif', 'Farid', 'Gül', 'Hana', 'Ivan', 'Jun', 'Karim', 'Lena'] as const;
const FAMILY_NAMES = ['Ruiz', 'de Wit', 'Martin', 'Orlov', 'Kaya', 'Haddad', 'Sato', 'Nowak', 'Silva', 'Okafor', 'Berg'] as const;

/** The internal id of a lesson's meeting. */
export function lessonMeetingId({ seed, startsAt }: Pick<LessonOptions, 'seed' | 'startsAt'>): string {
  return `${seed.toString(16).padStart(40, '0')}-${startsAt}`;
}

/**
 * A lesson as people sit in one, told as a real server tells it: one teaches, most listen, some come late, leave early or lose their
 * connection. The same for one seed.
 */
export function lessonEvents(options: LessonOptions): RawEvent[] {
  const { title, room, startsAt, minutes, now = Number.POSITIVE_INFINITY, parent } = options;
  const end = startsAt + minutes * MINUTE_MS;
  const breakout = parent === undefined ? { 'is-breakout': false } : { 'is-breakout': true, 'parent-id': parent };
  const meeting = { 'internal-meeting-id': lessonMeetingId(options), 'external-meeting-id': room };
  const created = { meeting: { ...meeting, ...breakout, name: title, record: false } };
  const events: RawEvent[] = [rawEvent('meeting-created', startsAt, created), rawEvent('meeting-ended', end, { meeting })];
  for (let index = 0; index < options.people; index += 1) events.push(...personEvents(options, index, meeting));
  return events.filter(({ data }) => data.event.ts <= now).sort((one, other) => one.data.event.ts - other.data.event.ts);
}

function rawEvent(id: string, ts: number, attributes: Readonly<Record<string, unknown>>): RawEvent {
  return { data: { type: 'event', id, attributes, event: { ts: Math.round(ts) } } };
}

/** Everybody who is not the teacher (index 0) is quiet, lively or in between. */
function personEvents(options: LessonOptions, index: number, meeting: Readonly<Record<string, string>>): RawEvent[] {
  const { seed, startsAt, minutes, firstId } = options;
  // What a person does is independent of how many others there are.
  const random = new SeededRandom(seed * 10_000 + index);
  const end = startsAt + minutes * MINUTE_MS;
  const externalId = firstId + index;
  const name = `${GIVEN_NAMES[externalId % GIVEN_NAMES.length]} ${FAMILY_NAMES[(externalId * 7) % FAMILY_NAMES.length]}`;
  const teaches = index === 0;
  const lively = teaches ? 1 : random.next() ** 2;
  const events: RawEvent[] = [];
  for (const [stay, [from, to]] of stays(random, teaches, startsAt, end).entries()) {
    const internal = `w_${externalId.toString(36)}x${seed}x${stay}`;
    const user = { 'internal-user-id': internal, 'external-user-id': String(externalId), name };
    const tell = (id: string, at: number, more: Readonly<Record<string, unknown>> = {}) =>
      events.push(rawEvent(id, at, { meeting, user: { ...user, ...more } }));
    tell('user-joined', from, { role: teaches ? 'MODERATOR' : 'VIEWER', presenter: teaches });
    if (to < end) tell('user-left', to);
    const length = to - from;
    const sometime = () => from + random.next() * length;
    const turns = Math.round((length / MINUTE_MS) * (teaches ? 0.35 : lively * 0.12));
    for (const [start, stop] of spans(random, turns, from, to, teaches ? 2.2 : 0.7)) {
      tell('user-audio-unmuted', start, { muted: false });
      if (options.tellsTalking === true) {
        tell('user-talking-started', start + 400);
        tell('user-talking-stopped', stop - 300);
      }
      tell('user-audio-muted', stop, { muted: true });
    }
    if (teaches || lively > 0.3) {
      for (const [start, stop] of spans(random, teaches ? 1 : 2, from, to, (length / MINUTE_MS) * 0.7)) {
        const stream = `${internal}_${start}`;
        tell('user-cam-broadcast-start', start, { stream });
        tell('user-cam-broadcast-end', stop, { stream });
      }
    }
    const often = (perHour: number) => Math.round((length / (60 * MINUTE_MS)) * perHour * lively * (0.5 + random.next()));
    for (let left = often(14); left > 0; left -= 1) events.push(message(meeting, user, sometime(), `${internal}-${left}`));
    for (let left = often(10); left > 0; left -= 1) tell('user-emoji-changed', sometime(), { emoji: random.pick(EMOJIS) });
    for (let left = teaches ? 0 : often(4); left > 0; left -= 1)
      tell('user-raise-hand-changed', sometime(), { 'raise-hand': true });
  }
  return events;
}

type Span = readonly [from: number, to: number];

/** Mostly one stay from the beginning to the end; some come late, leave early, or come again after a break. */
function stays(random: SeededRandom, teaches: boolean, startsAt: number, end: number): Span[] {
  const length = end - startsAt;
  const from =
    startsAt + (teaches ? 1_000 : length * 0.06 * random.next() + (random.chance(0.15) ? length * 0.3 * random.next() : 2_000));
  const to = teaches || random.chance(0.75) ? end : end - length * 0.5 * random.next();
  if (teaches || !random.chance(0.2) || to - from < 10 * MINUTE_MS) return [[from, to]];
  const away = from + (to - from) * (0.3 + 0.4 * random.next());
  return [
    [from, away],
    [away + 20_000 + random.next() * 4 * MINUTE_MS, to],
  ];
}

/** Up to `count` stretches that do not touch, each about `minutes` long. */
function spans(random: SeededRandom, count: number, from: number, to: number, minutes: number): Span[] {
  const slot = (to - from) / Math.max(1, count);
  return Array.from({ length: count }, (_, index): Span => {
    const start = from + slot * (index + random.next() * 0.35) + 500;
    const longest = from + slot * (index + 1) - 1_500 - start;
    return [
      Math.round(start),
      Math.round(start + Math.max(1_500, Math.min(longest, minutes * MINUTE_MS * (0.4 + random.next())))),
    ];
  });
}

function message(meeting: object, user: Readonly<Record<string, string>>, at: number, id: string): RawEvent {
  const sender = { ...user, time: Math.round(at) };
  return rawEvent('chat-group-message-sent', at, {
    meeting,
    'chat-message': { id, message: 'Is the sound better now?', sender },
    'chat-id': 'MAIN-PUBLIC-GROUP-CHAT',
  });
}
