import type { ClosedPhase, Material, OpenPhase, Phase } from './load/phase.js';
import type { SystemName } from './systems/system.js';

export interface Scenario {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly campus: { readonly meetings: number; readonly people: number };
  /** Everybody is inside before it begins. */
  readonly preloaded: boolean;
  /** Sent before anything is measured: programs run slower at first. */
  readonly warmup: Phase | null;
  /** Who does what warms up; null for the people of the load. */
  readonly warmupCampus: Scenario['campus'] | null;
  readonly load:
    | { readonly kind: 'phase'; readonly phase: Phase; readonly closing: Phase | null }
    /** So many events wait for workers that got warm by `warmup` others each before, or where that is 0 for workers that are started then. */
    | { readonly kind: 'backlog'; readonly events: number; readonly warmup: number };
  readonly workers: number;
  /** Added to each statement between worker and database, in ms. */
  readonly statementDelayMs: number;
  readonly variables: Readonly<Record<string, string>>;
  /** The systems for which it tells something. */
  readonly systems: readonly SystemName[];
}

const CAMPUS = { meetings: 250, people: 10_000 } as const;
const HOT = { meetings: 1, people: 2_000 } as const;
const CONNECTIONS = 64;
/**
 * Programs run slower until they are compiled, which takes so and so many calls: what runs once a request is warm within seconds, what runs once a batch
 * takes longer. The same time for each system, so that none is measured colder than another.
 */
const WARMUP_SECONDS = 20;
/** As many are made before it begins. */
const WARMUP_MOST = 100_000;
/** Of a backlog: without it the first thousands would tell how fast cold code is, and the short backlog less than the long one. */
const DRAIN_WARMUP_EVENTS = 20_000;
/** A BBB server opens a connection for each event, and does not wait for the one before. */
const OPEN_CONNECTIONS = 256;
const BURST = { events: 10_000, spanMs: 1_000, everyMs: 10_000, repeats: 2 } as const;
/** Batches so small that a worker waits for the database more than it computes: of 500 events each, two cores would be the limit of four workers. */
const SLOW = { DB_MAX_TRANSACTIONS_PER_SECOND: '100000', BATCH_MAX_EVENTS: '100', WORKER_PARTITIONS: '2' } as const;

const COMMON = {
  campus: CAMPUS,
  preloaded: true,
  warmupCampus: null,
  workers: 1,
  statementDelayMs: 0,
  variables: {},
} as const;

function closed(seconds: number, reconnect = false, material: Material = 'activity'): ClosedPhase {
  return { kind: 'closed', material, connections: CONNECTIONS, seconds, count: null, reconnect };
}

function steady(rate: number, seconds: number): OpenPhase {
  const spanMs = seconds * 1_000;
  return {
    kind: 'open',
    material: 'activity',
    count: rate * seconds,
    spanMs,
    everyMs: spanMs,
    repeats: 1,
    connections: OPEN_CONNECTIONS,
  };
}

/**
 * What `npm run bench:ci` runs: the same number of events for each system, however slow the machine is, and few people, so that little time goes into
 * letting them in. The first 1,000 events are not measured: until then most of the CPU time is the compiler's.
 */
export function regressionScenario(): Scenario {
  const events = (count: number): ClosedPhase => ({ ...closed(120), count });
  return {
    ...COMMON,
    name: 'regression',
    title: 'a small check of cost against sync',
    campus: { meetings: 25, people: 500 },
    warmup: events(1_000),
    load: { kind: 'phase', phase: events(1_500), closing: null },
    systems: ['product', 'sync'],
  };
}

/** All other scenarios, in the order in which they are run. `seconds`: how long load lasts. */
export function allScenarios(seconds: number): Scenario[] {
  const warmup = { ...closed(WARMUP_SECONDS), count: WARMUP_MOST };
  const { events: count, ...burst } = BURST;
  const inBurst: Phase = { kind: 'open', material: 'activity', count, ...burst, connections: OPEN_CONNECTIONS };
  const drain = (name: string, events: number, systems: readonly SystemName[], more: Partial<Scenario> = {}): Scenario => ({
    ...COMMON,
    name,
    title: `a backlog of ${events.toLocaleString('en')} events, for a worker that is warm`,
    warmup: null,
    load: { kind: 'backlog', events, warmup: DRAIN_WARMUP_EVENTS },
    systems,
    ...more,
  });
  return [
    {
      ...COMMON,
      name: 'live',
      title: `${CONNECTIONS} connections, each as fast as it is answered`,
      warmup,
      load: { kind: 'phase', phase: closed(seconds), closing: null },
      systems: ['product', 'noop', 'sync', 'job-per-event'],
    },
    ...[500, 1_000, 2_000].map(
      (rate): Scenario => ({
        ...COMMON,
        name: `steady-${rate}`,
        title: `${rate.toLocaleString('en')} events a second offered`,
        warmup,
        load: { kind: 'phase', phase: steady(rate, seconds), closing: null },
        systems: rate === 500 ? ['product', 'sync', 'job-per-event'] : ['product'],
      }),
    ),
    {
      ...COMMON,
      name: 'burst',
      title: `${count.toLocaleString('en')} events within one second, every 10 s, most of them arrivals at first`,
      preloaded: false,
      warmup,
      // Those of the load arrive in the first burst.
      warmupCampus: CAMPUS,
      load: { kind: 'phase', phase: inBurst, closing: null },
      systems: ['product', 'sync', 'job-per-event'],
    },
    {
      ...COMMON,
      name: 'hot',
      title: `one meeting of ${HOT.people.toLocaleString('en')} people, ${CONNECTIONS} connections; then it ends`,
      campus: HOT,
      warmup,
      load: { kind: 'phase', phase: closed(seconds), closing: { ...closed(seconds, false, 'endings'), connections: 1 } },
      systems: ['product', 'sync'],
    },
    {
      ...COMMON,
      name: 'reconnect',
      title: 'as live, with a connection for every request',
      warmup: { ...warmup, reconnect: true },
      load: { kind: 'phase', phase: closed(seconds, true), closing: null },
      systems: ['product', 'noop', 'sync'],
    },
    drain('drain-10k', 10_000, ['product', 'job-per-event']),
    drain('drain-100k', 100_000, ['product', 'job-per-event']),
    drain('drain-100k-4', 100_000, ['product'], {
      workers: 4,
      title: 'a backlog of 100,000 events, for four workers that are warm',
    }),
    drain('drain-1m', 1_000_000, ['product']),
    ...[1, 4].map((workers) =>
      drain(`slow-${workers}`, 10_000 * workers, ['product'], {
        title: `a backlog, ${workers} ${workers === 1 ? 'worker' : 'workers'} of two partitions at once, every statement 20 ms slower, BATCH_MAX_EVENTS=${SLOW.BATCH_MAX_EVENTS}`,
        load: { kind: 'backlog', events: 10_000 * workers, warmup: 0 },
        workers,
        statementDelayMs: 20,
        variables: SLOW,
      }),
    ),
  ];
}
