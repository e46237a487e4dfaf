import type { BbbClient } from '@bbb-activity/bbb/bbb-client';
import { BbbFailedError } from '@bbb-activity/bbb/errors';
import type { Store } from '@bbb-activity/store/client';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { findStaleMeetings, type StaleMeeting } from '@bbb-activity/store/stale-meetings';
import type { Logger } from '@bbb-activity/telemetry/logger';

export interface StaleMeetingsOptions {
  readonly store: Store;
  /** Null where no BBB server is known. */
  readonly bbb: Pick<BbbClient, 'isMeetingRunning'> | null;
  /** How long nothing of a meeting may have arrived before the server is asked about it, in ms. */
  readonly quietMs: number;
  /** How long nothing may have arrived before a meeting is presumed ended by that alone, in ms; null for never. */
  readonly silenceMs: number | null;
  readonly log: Logger;
}

/** Meetings of one page, and questions to the server at a time. */
const PAGE = 100;
const QUESTIONS = 4;

/**
 * One look for meetings whose end was never heard of (docs/metrics.md, "Presumed end"):
 *
 *     quiet ─┬─ a later occurrence of its room has sessions ─────────────▶ not running
 *            ├─ the server says ─┬─ it does not run ─────────────────────▶ not running
 *            │                   └─ it runs: goes on, however silent
 *            └─ the server is not known, does not answer, the room is not known ─▶ silence, once it is long enough
 *
 * Each meeting is marked in a transaction of its own, which looks once more whether anything arrived.
 */
export async function presumeStaleMeetings(options: StaleMeetingsOptions, signal: AbortSignal): Promise<void> {
  const { store, quietMs, silenceMs, log } = options;
  const server = new RoomQuestions(options.bbb, log);
  let after: string | undefined;
  do {
    const page = await findStaleMeetings(store, { quietMs, silenceMs, after, limit: PAGE });
    await inLanes(page, async (meeting) => {
      if (signal.aborted) return;
      const by = await endingOf(meeting, server);
      if (by === null) return;
      const marked = await presumeEnd(store, meeting.id, by, by === 'silence' ? silenceMs : quietMs);
      if (marked) log.info({ meeting: meeting.id, by }, 'a meeting is presumed ended');
    });
    after = page.length < PAGE ? undefined : page.at(-1)?.id;
  } while (after !== undefined && !signal.aborted);
}

async function endingOf(meeting: StaleMeeting, server: RoomQuestions): Promise<'not_running' | 'silence' | null> {
  if (meeting.superseded) return 'not_running';
  const runs = await server.isRunning(meeting.remoteId);
  if (runs !== null) return runs ? null : 'not_running';
  return meeting.silent ? 'silence' : null;
}

/** Asks about each room once; a server that failed is not asked again in this look. */
class RoomQuestions {
  readonly #bbb: Pick<BbbClient, 'isMeetingRunning'> | null;
  readonly #log: Logger;
  readonly #answers = new Map<string, Promise<boolean | null>>();
  #failed = false;

  constructor(bbb: Pick<BbbClient, 'isMeetingRunning'> | null, log: Logger) {
    this.#bbb = bbb;
    this.#log = log;
  }

  /** Null where nothing is known. */
  isRunning(remoteId: string | null): Promise<boolean | null> {
    if (remoteId === null) return Promise.resolve(null);
    const answer = this.#answers.get(remoteId) ?? this.#ask(remoteId);
    this.#answers.set(remoteId, answer);
    return answer;
  }

  async #ask(remoteId: string): Promise<boolean | null> {
    if (this.#bbb === null || this.#failed) return null;
    try {
      return await this.#bbb.isMeetingRunning(remoteId);
    } catch (error) {
      // Refusing one room says nothing about the others; a checksum that is refused, or no answer, says it of all.
      if (error instanceof BbbFailedError && error.messageKey !== 'checksumError') {
        this.#log.warn({ reason: error.message }, 'the BBB server does not tell whether a meeting runs');
        return null;
      }
      if (!this.#failed) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.warn({ reason }, 'the BBB server does not tell which meetings run; asked again at the next look');
      }
      this.#failed = true;
      return null;
    }
  }
}

/** A few at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: QUESTIONS }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
