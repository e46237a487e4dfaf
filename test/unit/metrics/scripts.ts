import type { FoldEvent, FoldKind } from '@bbb-activity/metrics/fold-event';
import type { TimerKind } from '@bbb-activity/metrics/session';
import fc from 'fast-check';
import { event } from './events.js';

/** A stretch of time in ms; `to` is null where its end was never told. */
export interface Stretch {
  readonly from: number;
  readonly to: number | null;
}

export interface SourceScript extends Stretch {
  readonly timer: TimerKind;
  readonly stream: string | null;
}

/** One stay of one connection, as it truly was. */
export interface VisitScript extends Stretch {
  readonly connection: string | null;
  readonly isLast: boolean;
  readonly joinTold: boolean;
  readonly sources: readonly SourceScript[];
  readonly messages: readonly number[];
  readonly hands: readonly (readonly [at: number, told: 'raise' | 'emoji' | 'shadow' | 'both'])[];
  /** Of the last visit of a connection: times within 5 s after its `left` at which it still wrote, unmuted, or muted. */
  readonly lateMessages: readonly number[];
  readonly lateStarts: readonly number[];
}

/** Times stand on a grid, so that they coincide often; late events stand off it, so that only the rule for them matters. */
const GRID_MS = 500;
export const HORIZON_MS = 60 * GRID_MS;

const SOURCES: readonly (readonly [TimerKind, string | null])[] = [
  ['talk', null],
  ['microphone', null],
  ['camera', null],
  ['camera', 's1'],
  ['camera', 's2'],
  ['screenshare', null],
];

/** Stretches one after the other within [lo, hi], of which some touch; the last may be without an end. */
function stretches(lo: number, hi: number, max: number): fc.Arbitrary<Stretch[]> {
  const steps = Math.floor((hi - lo) / GRID_MS);
  const times = fc.uniqueArray(fc.integer({ min: 0, max: steps }), { maxLength: Math.min(2 * max, steps + 1) });
  return fc
    .tuple(times, fc.array(fc.boolean(), { minLength: max, maxLength: max }), fc.boolean())
    .map(([drawn, touching, endless]) => {
      const bounds = drawn.sort((a, b) => a - b).map((step) => lo + step * GRID_MS);
      const found: Stretch[] = [];
      let index = 0;
      while (index + 1 < bounds.length) {
        found.push({ from: bounds[index] ?? lo, to: bounds[index + 1] ?? hi });
        index += touching[found.length - 1] === true ? 1 : 2;
      }
      const last = found.at(-1);
      return endless && last !== undefined ? [...found.slice(0, -1), { from: last.from, to: null }] : found;
    });
}

function timesWithin(lo: number, hi: number): fc.Arbitrary<number[]> {
  if (lo > hi) return fc.constant([]);
  const step = fc.integer({ min: 0, max: Math.floor((hi - lo) / GRID_MS) });
  return fc.uniqueArray(step, { maxLength: 3 }).map((steps) => steps.map((it) => lo + it * GRID_MS));
}

const lateTimes = (from: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }).map((steps) => steps.map((it) => from + it * GRID_MS + 1));

function visit(connection: string | null, stay: Stretch, place: { isFirst: boolean; isLast: boolean; rejoins: boolean }) {
  const hi = stay.to ?? HORIZON_MS;
  // What coincides with a rejoin has tests of its own: it is switched off by it, or cannot be told from what ended the visit before.
  const lo = place.rejoins ? stay.from + GRID_MS : stay.from;
  const canBeLate = place.isLast && stay.to !== null;
  const sources =
    lo > hi
      ? fc.constant([])
      : fc.tuple(
          ...SOURCES.map(([timer, stream]) =>
            stretches(lo, hi, 2).map((found) => found.map((it): SourceScript => ({ ...it, timer, stream }))),
          ),
        );
  return fc
    .record({
      sources: sources.map((found) => found.flat()),
      messages: timesWithin(lo, hi),
      hands: timesWithin(lo, hi).chain((times) =>
        fc.tuple(
          ...times.map((at) =>
            fc.tuple(fc.constant(at), fc.constantFrom('raise' as const, 'emoji' as const, 'shadow' as const, 'both' as const)),
          ),
        ),
      ),
      lateMessages: canBeLate ? lateTimes(hi) : fc.constant([]),
      lateStarts: canBeLate ? lateTimes(hi) : fc.constant([]),
      joinTold: fc.boolean(),
    })
    .map(({ joinTold, ...drawn }): VisitScript => {
      // Seen first at the very instant of its `left`, it could not be told from a visit of no length: that has a test of its own.
      const shown = [...drawn.messages, ...drawn.hands.map(([at]) => at)].some((at) => at < hi);
      const untold = place.isFirst && !joinTold && shown;
      // Before a connection that was not told to join is seen, its screen share is not taken: left out here.
      const taken = untold ? drawn.sources.filter(({ timer }) => timer !== 'screenshare') : drawn.sources;
      return { ...stay, connection, isLast: place.isLast, ...drawn, sources: taken, joinTold: !untold };
    });
}

function visitsOf(connection: string | null): fc.Arbitrary<VisitScript[]> {
  return stretches(0, HORIZON_MS, 3).chain((stays) =>
    fc.tuple(
      ...stays.map((stay, index) =>
        visit(connection, stay, {
          isFirst: index === 0,
          isLast: index === stays.length - 1,
          rejoins: stays[index - 1]?.to === stay.from,
        }),
      ),
    ),
  );
}

/** A person with up to three devices, or one of a sender that tells no connections. */
export const aScript: fc.Arbitrary<VisitScript[]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(visitsOf('w_a'), visitsOf('w_b'), visitsOf('w_c')).map((all) => all.flat()) },
  { weight: 1, arbitrary: visitsOf(null) },
);

const KINDS: Readonly<Record<TimerKind, readonly [start: FoldKind, stop: FoldKind]>> = {
  talk: ['talk_started', 'talk_stopped'],
  microphone: ['microphone_opened', 'microphone_closed'],
  camera: ['camera_started', 'camera_stopped'],
  screenshare: ['screenshare_started', 'screenshare_stopped'],
};

/** What a server sends of a script, without any order. */
export function eventsOf(script: readonly VisitScript[]): FoldEvent[] {
  return script.flatMap((stay) => {
    const { connection, to } = stay;
    const tell = (kind: FoldKind, at: number, more: Partial<FoldEvent> = {}) => event(kind, at, { connection, ...more });
    const hands = stay.hands.flatMap(([at, told]) =>
      told === 'both'
        ? [tell('hand_raised', at, { hand: 'shadow' }), tell('hand_raised', at, { hand: 'emoji' })]
        : [tell('hand_raised', at, { hand: told })],
    );
    const sources = stay.sources.flatMap(({ timer, stream, from, to: until }) => {
      const [start, stop] = KINDS[timer];
      if (until !== null)
        return [tell(start, from, { stream }), tell(start, from + GRID_MS / 2, { stream }), tell(stop, until, { stream })];
      // Leaving ends a source silently; its stop may come late.
      const late = to !== null && stay.isLast ? [tell(stop, to + 10, { stream })] : [];
      return [tell(start, from, { stream }), ...late];
    });
    return [
      ...(stay.joinTold ? [tell('joined', stay.from)] : []),
      ...(to === null ? [] : [tell('left', to)]),
      ...sources,
      ...hands,
      ...[...stay.messages, ...stay.lateMessages].map((at) => tell('message', at)),
      ...stay.lateStarts.map((at) => tell('microphone_opened', at)),
    ];
  });
}
