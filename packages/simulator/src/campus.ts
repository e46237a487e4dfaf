import { SeededRandom } from './seeded-random.js';
import type { RawEvent } from './webhook-delivery.js';

/** What a BBB server tells, but for the time. */
export interface CampusEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Index of the person from 0; null where the event is of the meeting alone. */
  readonly person: number | null;
}

export interface CampusOptions {
  readonly seed: number;
  readonly meetings: number;
  /** Over all meetings. */
  readonly people: number;
}

interface Person {
  readonly index: number;
  readonly meeting: Readonly<Record<string, string>>;
  readonly externalId: string;
  readonly name: string;
  connections: number;
  inside: boolean;
  microphone: boolean;
  hand: boolean;
  /** The camera's stream; null while it is off. */
  stream: string | null;
}

/** The name of what a person writes to all. */
export const MESSAGE = 'chat-group-message-sent';

const EMOJIS = ['👍', '❤️', '😂', '😮', '👏'] as const;
const GIVEN_NAMES = ['Ana', 'Björn', 'Chloé', 'Dana', 'Émile', 'Farid', 'Gül', 'Hana'] as const;

/** Of what people do who are inside, how much is what. */
const HABITS = [
  ['microphone', 45],
  ['message', 16],
  ['camera', 12],
  ['reaction', 12],
  ['hand', 8],
  ['left', 7],
] as const satisfies readonly (readonly [string, number])[];

/**
 * Load as a campus makes it: many meetings at once, whose people unmute, write, turn on cameras, leave and come back. Endless, and the same for
 * one seed. One person's events are as far apart as there are people, so that they are never on their way at the same time.
 */
export class Campus {
  readonly #random: SeededRandom;
  readonly #seed: number;
  readonly #meetings: readonly Readonly<Record<string, string>>[];
  readonly #people: readonly Person[];
  #turn = 0;
  #written = 0;

  constructor({ seed, meetings, people }: CampusOptions) {
    this.#random = new SeededRandom(seed);
    this.#seed = seed;
    this.#meetings = Array.from({ length: meetings }, (_, index) => ({
      'internal-meeting-id': `${this.#hex(40)}-${seed}${index}`,
      'external-meeting-id': `campus-${seed}-${index}`,
    }));
    const inOrder = Array.from({ length: people }, (_, index): Person => {
      const name = `${GIVEN_NAMES[index % GIVEN_NAMES.length]} ${index}`;
      const meeting = this.#meetings[index % meetings] ?? {};
      const off = { connections: 0, inside: false, microphone: false, hand: false, stream: null };
      return { index, meeting, externalId: `${100_000 + index}`, name, ...off };
    });
    this.#people = this.#shuffled(inOrder);
  }

  /** The beginning of every meeting. */
  openings(): CampusEvent[] {
    return this.#meetings.map((meeting) => ({
      name: 'meeting-created',
      attributes: {
        meeting: { ...meeting, name: `Room ${meeting['external-meeting-id']}`, 'is-breakout': false, record: false },
      },
      person: null,
    }));
  }

  /** Everybody's arrival, of those who are not inside. */
  arrivals(): CampusEvent[] {
    return this.#people.filter(({ inside }) => !inside).map((person) => this.#arrival(person));
  }

  /** The end of every meeting. */
  endings(): CampusEvent[] {
    return this.#meetings.map((meeting) => ({ name: 'meeting-ended', attributes: { meeting }, person: null }));
  }

  /** The next thing that somebody does. */
  next(): CampusEvent {
    const person = this.#people[this.#turn % this.#people.length];
    if (person === undefined) throw new RangeError('a campus has people');
    this.#turn += 1;
    return person.inside ? this.#act(person) : this.#arrival(person);
  }

  #arrival(person: Person): CampusEvent {
    // A rejoin keeps the external id and brings a new internal one (docs/wire.md, "What real BBB events are like").
    person.connections += 1;
    person.inside = true;
    return this.#event(person, 'user-joined', {
      name: person.name,
      role: 'VIEWER',
      presenter: false,
      'user-agent': 'Mozilla/5.0',
      guest: false,
    });
  }

  #act(person: Person): CampusEvent {
    switch (this.#habit()) {
      case 'microphone':
        person.microphone = !person.microphone;
        return this.#event(person, person.microphone ? 'user-audio-unmuted' : 'user-audio-muted', { muted: !person.microphone });
      case 'camera': {
        const stream = person.stream ?? `${connectionOf(person)}_${this.#hex(64)}`;
        const starts = person.stream === null;
        person.stream = starts ? stream : null;
        return this.#event(person, starts ? 'user-cam-broadcast-start' : 'user-cam-broadcast-end', { stream });
      }
      case 'reaction':
        return this.#event(person, 'user-emoji-changed', { emoji: this.#random.pick(EMOJIS) });
      case 'hand':
        person.hand = !person.hand;
        return this.#event(person, 'user-raise-hand-changed', { 'raise-hand': person.hand });
      case 'message':
        return this.#message(person);
      default: {
        const left = this.#event(person, 'user-left', { guest: false });
        Object.assign(person, { inside: false, microphone: false, hand: false, stream: null });
        return left;
      }
    }
  }

  #event(person: Person, name: string, user: Readonly<Record<string, unknown>>): CampusEvent {
    const ids = { 'internal-user-id': connectionOf(person), 'external-user-id': person.externalId };
    return { name, attributes: { meeting: person.meeting, user: { ...ids, ...user } }, person: person.index };
  }

  #message(person: Person): CampusEvent {
    this.#written += 1;
    const sender = {
      'internal-user-id': connectionOf(person),
      'external-user-id': person.externalId,
      name: person.name,
      time: 0,
    };
    const message = { id: `${this.#seed}-${this.#written}`, message: 'Is the sound better now? & one more thing', sender };
    const attributes = { meeting: person.meeting, 'chat-message': message, 'chat-id': 'MAIN-PUBLIC-GROUP-CHAT' };
    return { name: MESSAGE, attributes, person: person.index };
  }

  #habit(): (typeof HABITS)[number][0] {
    let left = this.#random.next() * HABITS.reduce((sum, [, share]) => sum + share, 0);
    for (const [habit, share] of HABITS) {
      left -= share;
      if (left < 0) return habit;
    }
    return 'microphone';
  }

  #hex(length: number): string {
    return Array.from({ length }, () => this.#random.integer(0, 15).toString(16)).join('');
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.#random.next() }));
    return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
  }
}

/** The event as it stands in a delivery. `at` in unix ms. */
export function rawEventOf({ name, attributes }: CampusEvent, at: number): RawEvent {
  const data = { type: 'event', id: name, attributes, event: { ts: at } };
  return { data };
}

function connectionOf({ index, connections }: Person): string {
  return `w_${index.toString(36).padStart(6, '0')}${connections.toString(36).padStart(6, '0')}`;
}
