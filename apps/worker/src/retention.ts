import { setTimeout as delay } from 'node:timers/promises';
import type { RunFigures } from '@bbb-activity/queue/scheduled-jobs';
import type { Store } from '@bbb-activity/store/client';
import { forgetHookHistory } from '@bbb-activity/store/hook-records';
import { countKeptJournals, emptyJournalStep, findExpiredOccurrences, sealOccurrence } from '@bbb-activity/store/retention';
import type { Logger } from '@bbb-activity/telemetry/logger';

export interface RetentionOptions {
  readonly store: Store;
  /** Age of an occurrence's last event from which its journal is emptied. */
  readonly days: number;
  readonly log: Logger;
  /** Rows a transaction changes at most. */
  readonly stepRows?: number;
  /** Transactions of one run at most; what is left is done by the next. */
  readonly maxSteps?: number;
  /** Between two transactions, in ms. */
  readonly pauseMs?: number;
}

/** A step of 1,000 rows took some 130 ms on two busy cores; with the pause, retention is four of the database's transactions a second. */
const STEP_ROWS = 1_000;
const PAUSE_MS = 100;
/** Some 25 s a run, so that other scheduled jobs need not wait for long. */
const MAX_STEPS = 100;
const PAGE = 20;

/**
 * One run of retention: seals what is expired and empties it, an occurrence at a time, in small steps. It may be stopped and killed
 * anywhere: what is sealed and not yet empty is found again.
 *
 * @returns how many occurrences and events were emptied, and how many are older than the retention and kept, by the reason
 */
export async function emptyExpiredJournals(options: RetentionOptions, signal: AbortSignal): Promise<RunFigures> {
  const emptied = await emptyExpired(options, signal);
  const { goingOn, roomsInUse, heardSince } = await countKeptJournals(options.store, options.days);
  const hookEntries = await forgetHookHistory(options.store.statements, options.days);
  return { ...emptied, hookEntries, keptGoingOn: goingOn, keptRoomsInUse: roomsInUse, keptHeardSince: heardSince };
}

async function emptyExpired(options: RetentionOptions, signal: AbortSignal) {
  const { store, days, log, stepRows = STEP_ROWS, maxSteps = MAX_STEPS, pauseMs = PAUSE_MS } = options;
  const told = { emptied: 0, events: 0, steps: 0 };
  for (;;) {
    const ids = await findExpiredOccurrences(store, days, PAGE);
    const emptiedBefore = told.emptied;
    for (const id of ids) {
      if (!(await sealOccurrence(store, id, days))) continue;
      let events = 0;
      for (let done = false; !done; ) {
        if (signal.aborted || told.steps >= maxSteps) return told;
        const step = await emptyJournalStep(store, id, stepRows);
        told.steps += 1;
        told.events += step.events;
        events += step.events;
        done = step.done;
        if (!done) await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
      told.emptied += 1;
      log.info({ meeting: id, events }, 'the journal of a meeting is emptied');
    }
    if (ids.length < PAGE || told.emptied === emptiedBefore) return told;
  }
}
