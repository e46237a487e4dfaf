import { setTimeout as delay } from 'node:timers/promises';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { readPartitionCount } from '@bbb-activity/queue/partition-count';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import type { Store } from '@bbb-activity/store/client';
import { hookFigures } from '@bbb-activity/store/hook-figures';
import { BoundedNames } from '@bbb-activity/telemetry/bounded-names';
import type { Metrics } from '@bbb-activity/telemetry/metrics';

export interface SharedState {
  readonly backend: QueueBackend;
  readonly deadLetters: DeadLetters;
  readonly store: Store;
}

/** A scrape may take 10 s; what does not answer in this time is left out of it. */
const TIMEOUT_MS = 3_000;
/** The reasons are terms of this project, but a job in that queue may be anybody's. */
const MOST_REASONS = 50;
/** What `webhook_hook_history` opens and closes (docs/hooks.md, "History"): told as 0 where there is none. */
const CAUSES = ['lost', 'missed', 'silent', 'starved', 'unanswered'];

/**
 * What all processes share, as it is when Prometheus asks: the queue, the dead letters and the hooks. Each worker tells the same, so that a query takes
 * the greatest (docs/monitoring.md, "What all workers tell"). What cannot be read is absent, and counted.
 */
export function meterSharedState(metrics: Metrics, { backend, deadLetters, store }: SharedState): void {
  const failures = metrics.counter({
    name: 'bbb_activity_unread_sources_total',
    help: 'How often something could not be read for these metrics, by what it was',
    labels: ['source'],
  });
  for (const [source, read] of Object.entries({
    queue: queueSource(metrics, backend),
    dead_letters: letterSource(metrics, deadLetters),
    hooks: hookSource(metrics, store),
  })) {
    failures.inc({ source }, 0);
    metrics.source(async () => {
      read.forget();
      await inTime(read.look()).then(
        (write) => write(),
        () => failures.inc({ source }),
      );
    });
  }
}

/** Reads first and writes then, all at once: what answers too late writes nothing over what came after it. */
interface Source {
  forget(): void;
  look(): Promise<() => void>;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLate = delay(TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    tooLate.catch(() => undefined);
    timer.abort();
  }
}

function queueSource(metrics: Metrics, backend: QueueBackend): Source {
  const labels = ['partition'] as const;
  const waiting = metrics.gauge({
    name: 'bbb_activity_queue_waiting_jobs',
    help: 'Jobs that wait; each holds one or more events',
    labels,
  });
  const active = metrics.gauge({ name: 'bbb_activity_queue_active_jobs', help: 'Jobs that a worker holds', labels });
  const age = metrics.gauge({
    name: 'bbb_activity_queue_oldest_job_seconds',
    help: 'Age of the oldest job that waits or is held; 0 where there is none',
    labels,
  });
  const used = metrics.gauge({ name: 'bbb_activity_queue_memory_bytes', help: "Memory that the queue's store uses" });
  const limit = metrics.gauge({
    name: 'bbb_activity_queue_memory_limit_bytes',
    help: "Memory that the queue's store may use; absent, as the other, where there is no limit",
  });
  const gauges = [waiting, active, age];
  return {
    forget() {
      for (const gauge of gauges) gauge.reset();
      // Those without labels are 0 after a reset, and not absent.
      used.remove();
      limit.remove();
    },
    async look() {
      const count = (await readPartitionCount(backend)) ?? 0;
      const [depths, memory] = await Promise.all([readPartitionDepths(backend, count), backend.memory()]);
      return () => {
        const now = Date.now();
        for (const depth of depths) {
          const partition = depth.partition;
          waiting.set({ partition }, depth.waiting);
          active.set({ partition }, depth.active);
          age.set({ partition }, depth.oldestAt === null ? 0 : Math.max(0, now - depth.oldestAt) / 1_000);
        }
        if (memory === null) return;
        used.set(memory.used);
        limit.set(memory.limit);
      };
    },
  };
}

function letterSource(metrics: Metrics, deadLetters: DeadLetters): Source {
  const reasons = new BoundedNames(MOST_REASONS);
  const letters = metrics.gauge({ name: 'bbb_activity_dead_letters', help: 'Dead letters, by reason', labels: ['reason'] });
  return {
    forget: () => letters.reset(),
    async look() {
      const byReason = await deadLetters.countByReason();
      return () => {
        for (const [reason, count] of byReason) letters.inc({ reason: reasons.of(reason) }, count);
      };
    },
  };
}

function hookSource(metrics: Metrics, store: Store): Source {
  const labels = ['access_url'] as const;
  const registered = metrics.gauge({
    name: 'bbb_activity_hooks_registered',
    help: 'Our hooks that are on the BBB server',
    labels,
  });
  const reachable = metrics.gauge({
    name: 'bbb_activity_bbb_server_up',
    help: 'Whether the BBB server answered the last look of the watch; absent where it was never asked',
    labels,
  });
  const answered = metrics.gauge({
    name: 'bbb_activity_bbb_server_answered_timestamp_seconds',
    help: 'When the BBB server last answered the watch',
    labels,
  });
  const open = metrics.gauge({
    name: 'bbb_activity_hook_problems',
    help: 'What is wrong with hooks now, by its cause',
    labels: ['access_url', 'cause'],
  });
  const gaps = metrics.gauge({
    name: 'bbb_activity_hook_gaps_last_day',
    help: 'Stretches of time of the last 24 hours of which events may be missing, by their cause',
    labels: ['access_url', 'cause'],
  });
  return {
    forget() {
      for (const gauge of [registered, reachable, answered, open, gaps]) gauge.reset();
    },
    async look() {
      const all = await hookFigures(store.statements);
      return () => {
        for (const figures of all) {
          const access_url = figures.accessUrlId;
          registered.set({ access_url }, figures.registered);
          if (figures.reachable !== null) reachable.set({ access_url }, figures.reachable ? 1 : 0);
          if (figures.answeredAt !== null) answered.set({ access_url }, figures.answeredAt / 1_000);
          for (const cause of CAUSES) {
            open.set({ access_url, cause }, figures.open[cause] ?? 0);
            gaps.set({ access_url, cause }, figures.gapsOfLastDay[cause] ?? 0);
          }
        }
      };
    },
  };
}
