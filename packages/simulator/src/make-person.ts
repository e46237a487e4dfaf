import type { ConnectionScript, PersonScript, SourceScript, StayScript, TieScript } from './meeting-script.js';
import type { SeededRandom } from './seeded-random.js';

/** The run of a meeting that a person is made for: `steps` steps of `stepMs`. */
export interface PersonPlace {
  readonly random: SeededRandom;
  /** Of every id that the server gives out. */
  readonly prefix: string;
  /** Of the external user ids, the same in every run of the room. */
  readonly people: string;
  readonly startsAt: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly flat: boolean;
}

const NAMES = ['Ana Ruiz', 'Björn Ek', 'Chloé Martin', 'Дана К.', 'E. O’Neil <b>', 'F & G'] as const;
export const EMOJIS = ['👍', '❤️', '😂', 'happy', 'applause'] as const;

/** How many steps a stay has at least. */
const SHORTEST_STAY = 4;
/** The grace after `left` (docs/metrics.md, "Sessions"). */
const GRACE_MS = 5_000;

/** A person with up to three connections, at once or one after the other; person `index` has the same ids in every run of the room. */
export function makePerson(place: PersonPlace, index: number): PersonScript {
  const { random, prefix } = place;
  const externalId = `${place.people}-${index}`;
  const name = NAMES[index % NAMES.length] ?? externalId;
  const known = { externalId, name };
  if (place.flat || random.chance(0.15)) return { ...known, connections: [makeConnection(place, null, wholeRun(place), true)] };

  const connections: ConnectionScript[] = [];
  let after = random.integer(0, 4);
  const count = random.pick([1, 1, 2, 2, 3]);
  while (connections.length < count) {
    const from = Math.min(after, place.steps - SHORTEST_STAY);
    const to = random.integer(from + SHORTEST_STAY, place.steps);
    const internalId = `w-${prefix}-${index}-${connections.length}-${random.text(4)}`;
    connections.push(withTies(place, externalId, makeConnection(place, internalId, { from, to }, count === 1)));
    // The next one reconnects, a moment before or after this one's end, or is another device at the same time.
    after = Math.max(0, random.chance(0.5) ? to + random.integer(-2, 6) : random.integer(0, to));
  }
  return { ...known, connections: random.chance(0.12) ? [...connections, platformConnection(place)] : connections };
}

/**
 * Now and then a connection that names nobody by itself, but is said to be two: the person and a stranger, in either order. Only a
 * stranger is shown by a message: that a person also writes on another connection at that instant would have no defined number.
 */
function withTies(place: PersonPlace, externalId: string, connection: ConnectionScript): ConnectionScript {
  const { random, steps } = place;
  if (!random.chance(0.12)) return connection;
  const [first, second] = random.integers(8, 0, steps + 2).map((step) => place.startsAt + step * place.stepMs);
  if (first === undefined || second === undefined) return connection;
  const stranger = `${externalId}-stranger-${random.text(4)}`;
  const ties: readonly TieScript[] = random.chance(0.5)
    ? [
        { at: first, externalId, told: 'listening' },
        { at: second, externalId: stranger, told: random.pick(['listening', 'message']) },
      ]
    : [
        { at: first, externalId: stranger, told: 'listening' },
        { at: second, externalId, told: 'listening' },
      ];
  return { ...connection, tellsExternalId: 'never', ties };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function wholeRun({ random, steps }: PersonPlace): Span {
  return { from: random.integer(0, SHORTEST_STAY), to: steps - random.integer(0, SHORTEST_STAY) };
}

/** What the learning platform tells of a person beside the server: in the end its `leave`, which removes all connections. */
function platformConnection(place: PersonPlace): ConnectionScript {
  const { random, steps } = place;
  const at = (step: number) => place.startsAt + step * place.stepMs;
  const stay = { ...EMPTY_STAY, from: at(random.integer(0, steps)), to: at(steps + random.integer(1, 3)), joinTold: true };
  return { internalId: null, tellsExternalId: 'mostly', ties: [], stays: [stay] };
}

const EMPTY_STAY = {
  sources: [],
  messages: [],
  reactions: [],
  hands: [],
  pollAnswers: [],
  lateMessages: [],
  lateStarts: [],
} as const;

function makeConnection(place: PersonPlace, internalId: string | null, within: Span, isOnly: boolean): ConnectionScript {
  const { random } = place;
  const spans = splitSpan(random, within);
  const told = new Set<string>();
  return {
    internalId,
    ties: [],
    tellsExternalId: internalId === null ? 'mostly' : random.pick(['mostly', 'mostly', 'mostly', 'first', 'last', 'never']),
    stays: spans.map((span, index) =>
      makeStay(place, told, span, {
        mayBeUntold: isOnly && index === 0,
        isLast: index === spans.length - 1,
        touches: spans[index - 1]?.to === span.from,
        connection: internalId ?? place.prefix,
      }),
    ),
  };
}

/** Mostly one stay; else the same connection leaves and joins again, now and then at the very same instant. */
function splitSpan(random: SeededRandom, { from, to }: Span): Span[] {
  if (to - from < 3 * SHORTEST_STAY || random.chance(0.7)) return [{ from, to }];
  const middle = random.integer(from + SHORTEST_STAY, to - 2 * SHORTEST_STAY);
  const again = random.chance(0.3) ? middle : middle + random.integer(1, SHORTEST_STAY);
  return [
    { from, to: middle },
    { from: again, to },
  ];
}

interface StayPlace {
  /**
   * Whether its join may stay untold. Of two connections this could be shown first by a message, at the very instant of a late one of
   * the other: which session that belongs to has no answer but the identities'.
   */
  readonly mayBeUntold: boolean;
  readonly isLast: boolean;
  /** Whether it begins as the one before it ends. */
  readonly touches: boolean;
  readonly connection: string;
}

function makeStay(place: PersonPlace, told: Set<string>, span: Span, where: StayPlace): StayScript {
  const { random } = place;
  const at = (step: number) => place.startsAt + step * place.stepMs;
  const leftTold = !where.isLast || random.chance(0.75);
  const to = leftTold ? at(span.to) : null;
  // What starts as a connection leaves and joins at once is switched off by it: that has no length to be told.
  const first = where.touches ? span.from + 1 : span.from;
  const once = (what: string, most: number): number[] =>
    random.integers(most, first, span.to).flatMap((step) => {
      if (told.has(`${what} ${at(step)}`)) return [];
      told.add(`${what} ${at(step)}`);
      return [at(step)];
    });
  const late = to !== null && where.isLast;
  const stay = {
    from: at(span.from),
    to,
    joinTold: true,
    sources: makeSources(place, { from: first, to: span.to }, late ? to : null, where.connection),
    messages: once('message', 4),
    reactions: once('reaction', 3).map((time) => ({ at: time, emoji: random.pick(EMOJIS) })),
    hands: once('hand', 2).map((time) => ({ at: time, told: random.pick(['raise', 'emoji', 'shadow', 'both'] as const) })),
    pollAnswers: random.chance(0.2) ? once('poll', 1) : [],
    lateMessages: late && random.chance(0.25) ? [lateTime(place, to)] : [],
    lateStarts: late && random.chance(0.15) ? [lateTime(place, to)] : [],
  };
  return where.mayBeUntold && random.chance(0.25) ? withoutJoin(stay) : stay;
}

/**
 * The same where the join is never told: we may have been registered late. Left out is what does not show that someone is inside;
 * who does nothing before leaving must be told to have joined.
 */
function withoutJoin(stay: StayScript): StayScript {
  const sources = stay.sources.filter(({ timer }) => timer !== 'screenshare');
  const shown = [...sources.map(({ from }) => from), ...stay.messages, ...stay.hands.map(({ at }) => at)];
  const inTime = shown.some((at) => stay.to === null || at < stay.to);
  return inTime ? { ...stay, joinTold: false, sources, pollAnswers: [] } : stay;
}

/** Within the grace, its last millisecond included. */
function lateTime({ random, stepMs }: PersonPlace, to: number): number {
  if (stepMs % 1_000 === 0) return to + random.integer(1, GRACE_MS / 1_000) * 1_000;
  return to + random.pick([1, 10, 333, 1_001, GRACE_MS - 1, GRACE_MS]);
}

function makeSources(place: PersonPlace, span: Span, leftAt: number | null, connection: string): SourceScript[] {
  const { random } = place;
  const at = (step: number) => place.startsAt + step * place.stepMs;
  const stretches = (timer: SourceScript['timer'], most: number, stream: () => string | null): SourceScript[] => {
    const bounds = random.integers(2 * most, span.from, span.to);
    const found: SourceScript[] = [];
    for (let index = 0; index + 1 < bounds.length; index += random.chance(0.3) ? 1 : 2) {
      const stops = random.chance(0.75);
      const lateStop = !stops && leftAt !== null && random.chance(0.5) ? lateTime(place, leftAt) : null;
      const to = stops ? at(bounds[index + 1] ?? span.to) : null;
      found.push({ timer, stream: stream(), from: at(bounds[index] ?? span.from), to, lateStop });
    }
    return found;
  };
  const cameras = random.chance(0.3) ? () => null : () => `${connection}_${random.text(8)}`;
  return [
    ...(random.chance(0.3) ? stretches('talk', 3, () => null) : []),
    ...(random.chance(0.7) ? stretches('microphone', 3, () => null) : []),
    ...(random.chance(0.5) ? stretches('camera', 2, cameras) : []),
    ...(random.chance(0.3) ? stretches('camera', 1, () => `${connection}_${random.text(8)}`) : []),
    ...(random.chance(0.1) ? stretches('screenshare', 1, () => null) : []),
  ];
}
