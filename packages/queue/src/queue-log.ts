import { messageOf } from './errors.js';

/** Where this package reports what happens behind a caller's back. A pino logger fits. */
export interface QueueLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: QueueLog = { info() {}, warn() {}, error() {} };

const QUIET_MS = 10_000;

/** Reports errors that come in swarms: the same words at most once in ten seconds, with how often they came meanwhile. */
export class ErrorNotices {
  readonly #log: QueueLog;
  readonly #seen = new Map<string, { until: number; suppressed: number }>();

  constructor(log: QueueLog) {
    this.#log = log;
  }

  report(what: string, error: unknown): void {
    const reason = messageOf(error);
    const key = `${what}\n${reason}`;
    const seen = this.#seen.get(key);
    const now = Date.now();
    if (seen !== undefined && now < seen.until) {
      seen.suppressed += 1;
      return;
    }
    for (const [other, { until }] of this.#seen) if (until < now && other !== key) this.#seen.delete(other);
    this.#seen.set(key, { until: now + QUIET_MS, suppressed: 0 });
    this.#log.warn({ reason, suppressed: seen?.suppressed ?? 0 }, what);
  }
}
