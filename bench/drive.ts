import type { CampusOptions } from '@bbb-activity/simulator/campus';
import { type BacklogOptions, fillBacklog } from './load/backlog.js';
import { type LoadGenerator, startGenerator } from './load/generator.js';
import type { Phase, PhaseReport } from './load/phase.js';
import { nextTransactionId } from './measure/database.js';
import { cpuMs } from './measure/processes.js';
import type { RunningSystem } from './running-system.js';
import type { Scenario } from './scenarios.js';
import type { PostgresServer } from './servers/postgres.js';
import type { Surroundings } from './systems/system.js';

/** What a system did with a scenario's load, as far as it can be told while it runs. */
export interface Driven {
  /** Unix ms: events of the measured phase, or of the backlog, happened from here on. */
  readonly startedAt: number;
  /** Unix ms: its events a second count from here on; null where they count from the first commit. */
  readonly rateFrom: number | null;
  /** Null for a backlog. */
  readonly phase: PhaseReport | null;
  /** Sent in the measured phase, or waiting in the backlog. */
  readonly events: number;
  readonly ending: PhaseReport | null;
  /** Warm-up, measured phase and ending together. */
  readonly total: { readonly sent: number; readonly acknowledged: number; readonly messages: number };
  /** CPU ms of the measured phase or backlog, until all is done, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Write transactions of the measured phase or backlog. */
  readonly transactions: number;
  readonly peakMb: Readonly<Record<string, number>>;
}

/** Of a rival too: 100,000 events, each in a transaction of its own, take most of it. */
const BACKLOG_WITHIN_MS = 900_000;

type Load<Kind extends Scenario['load']['kind']> = Extract<Scenario['load'], { readonly kind: Kind }>;

/** Sends requests. The generator ends with the load, however that ends. */
export async function sendLoad(
  load: Load<'phase'>,
  scenario: Scenario,
  campus: CampusOptions,
  running: RunningSystem,
  postgres: PostgresServer,
): Promise<Driven> {
  const generator = startGenerator({ campus, preloaded: scenario.preloaded });
  const { warmupCampus } = scenario;
  // Meetings of another seed are other meetings.
  const others = warmupCampus && startGenerator({ campus: { ...warmupCampus, seed: campus.seed + 1 }, preloaded: false });
  try {
    const address = await running.startServer();
    running.startWorkers(scenario.workers);
    const send = async (phase: Phase | null, by = generator) => {
      if (phase === null) return null;
      const report = await (await by.prepare(address, phase))();
      await running.drained();
      return report;
    };
    const warmup = await send(scenario.warmup, others ?? generator);
    others?.stop();
    const sendMeasured = await generator.prepare(address, load.phase);
    const stop = await startMeasuring(running, postgres, generator);
    const phase = await sendMeasured();
    await running.drained();
    const measured = await stop();
    const ending = await send(load.closing);
    const reports = [warmup, phase, ending].filter((report) => report !== null);
    const { startedAt, sent } = phase;
    return { startedAt, rateFrom: startedAt, phase, events: sent, ending, total: totalOf(reports), ...measured };
  } finally {
    generator.stop();
    others?.stop();
  }
}

/** Lets a backlog wait, then lets the workers loose that got warm before it, or starts them where there is no warm-up. */
export async function drainBacklog(
  load: Load<'backlog'>,
  scenario: Scenario,
  filling: Omit<BacklogOptions, 'skipped' | 'events' | 'reportFile'>,
  around: Surroundings,
  running: RunningSystem,
  postgres: PostgresServer,
): Promise<Driven> {
  const fill = (skipped: number, events: number) => fillBacklog(around, { ...filling, skipped, events });
  const warm = load.warmup > 0;
  const warmup = load.warmup * scenario.workers;
  let warmupMessages = 0;
  // One after the other: one that starts sooner than the others would have all of it.
  for (let filled = 0; filled < warmup; filled += load.warmup) {
    warmupMessages += (await fill(filled, load.warmup)).messages;
    running.startWorkers(1);
    await running.drained(BACKLOG_WITHIN_MS);
    running.holdWorkers();
  }
  const startedAt = Date.now();
  const { events, messages } = await fill(warmup, load.events);
  const stop = await startMeasuring(running, postgres, null);
  const rateFrom = warm ? Date.now() : null;
  if (warm) running.letWorkersGoOn();
  else running.startWorkers(scenario.workers);
  await running.drained(BACKLOG_WITHIN_MS);
  const sent = warmup + events;
  const total = { sent, acknowledged: sent, messages: warmupMessages + messages };
  return { startedAt, rateFrom, phase: null, events, ending: null, total, ...(await stop()) };
}

/** What it gives reads what was used since. */
async function startMeasuring(running: RunningSystem, postgres: PostgresServer, generator: LoadGenerator | null) {
  const read = async () => ({
    ...(await running.cpu()),
    ...(generator === null ? {} : { load: await cpuMs(generator.pid) }),
  });
  const [before, transactionsBefore] = [await read(), await nextTransactionId(postgres)];
  return async () => {
    const transactions = (await nextTransactionId(postgres)) - transactionsBefore;
    const earlier = new Map<string, number>(Object.entries(before));
    // A process that was started since has used nothing before.
    const cpu = Object.fromEntries(Object.entries(await read()).map(([name, ms]) => [name, ms - (earlier.get(name) ?? 0)]));
    return { cpu, transactions, peakMb: await running.peakMb() };
  };
}

function totalOf(reports: readonly PhaseReport[]): Driven['total'] {
  const sum = (value: (report: PhaseReport) => number) => reports.reduce((total, report) => total + value(report), 0);
  return {
    sent: sum(({ sent }) => sent),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    messages: sum(({ messages }) => messages),
  };
}
