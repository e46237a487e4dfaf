import { BbbFailedError } from '@bbb-activity/bbb/errors';
import type { RunFigures } from '@bbb-activity/queue/scheduled-jobs';
import type { Store } from '@bbb-activity/store/client';
import { presumeEnd } from '@bbb-activity/store/presume-end';
import { findStaleMeetings, type StaleMeeting } from '@bbb-activity/store/stale-meetings';
import type { Logger } from '@bbb-activity/telemetry/logger';
import type { MeetingsServer, ServerOf } from './bbb-servers.js';

export interface StaleMeetingsOptions {
  readonly store: Store;
  readonly serverOf: ServerOf;
  /** How long nothing of a meeting may have arrived before the server is asked about it, in ms. */
  readonly quietMs: number;
  /** How long nothing may have arrived before a meeting is presumed ended by that alone, in ms; null for never. */
  readonly silenceMs: number | null;
  readonly log: Logger;
}

/** As Chamilo's plugin writes it, and what a meeting has of which nothing else was told. Another system's meetings no BBB server knows. */
const BBB_PROVIDERS: ReadonlySet<string> = new Set(['bbb', 'bigbluebutton']);

/** Meetings of one page, and questions to the server at a time. */
const PAGE = 100;
const QUESTIONS = 4;

/**
 * One look for meetings whose end was never heard of (docs/metrics.md, "Presumed end"):
 *
 *     quiet ─┬─ a later occurrence of its room has sessions ─────────────▶ not running
 *            ├─ its server says ─┬─ it does not run ─────────────────────▶ not running
 *            │                   └─ it runs: goes on, however silent
 *            └─ its server is not known, does not answer, the room is not known ─▶ silence, once it is long enough
 *
 * Its server is the one of its access URL: that another one does not know a meeting tells nothing.
 * Each meeting is marked in a transaction of its own, which looks once more whether anything arrived.
 */
export async function presumeStaleMeetings(options: StaleMeetingsOptions, signal: AbortSignal): Promise<RunFigures> {
  const { store, quietMs, silenceMs, log } = options;
  const servers = new ServerQuestions(options.serverOf, log);
  const marked = { notRunning: 0, silence: 0 };
  let quiet = 0;
  let after: string | undefined;
  do {
    const page = await findStaleMeetings(store, { quietMs, silenceMs, after, limit: PAGE });
    quiet += page.length;
    await inLanes(page, async (meeting) => {
      if (signal.aborted) return;
      const by = await endingOf(meeting, servers);
      if (by === null || !(await presumeEnd(store, meeting.id, by, by === 'silence' ? silenceMs : quietMs))) return;
      marked[by === 'silence' ? 'silence' : 'notRunning'] += 1;
      log.info({ meeting: meeting.id, by }, 'a meeting is presumed ended');
    });
    after = page.length < PAGE ? undefined : page.at(-1)?.id;
  } while (after !== undefined && !signal.aborted);
  return { quiet, ...marked, ...servers.figures };
}

async function endingOf(meeting: StaleMeeting, servers: ServerQuestions): Promise<'not_running' | 'silence' | null> {
  if (meeting.superseded) return 'not_running';
  const runs = await servers.isRunning(meeting);
  if (runs !== null) return runs ? null : 'not_running';
  return meeting.silent ? 'silence' : null;
}

/** Asks each meeting's own server. */
class ServerQuestions {
  readonly #serverOf: ServerOf;
  readonly #log: Logger;
  readonly #rooms = new Map<MeetingsServer, RoomQuestions>();

  constructor(serverOf: ServerOf, log: Logger) {
    this.#serverOf = serverOf;
    this.#log = log;
  }

  get figures(): { readonly asked: number; readonly serversFailed: number } {
    const rooms = [...this.#rooms.values()];
    return {
      asked: rooms.reduce((sum, { asked }) => sum + asked, 0),
      serversFailed: rooms.filter(({ failed }) => failed).length,
    };
  }

  /** Null where nothing is known. */
  async isRunning({ accessUrlId, provider, remoteId }: StaleMeeting): Promise<boolean | null> {
    if (remoteId === null || !BBB_PROVIDERS.has(provider.toLowerCase())) return null;
    const server = this.#serverOf(accessUrlId);
    if (server === null) return null;
    const rooms = this.#rooms.get(server) ?? new RoomQuestions(server, accessUrlId, this.#log);
    this.#rooms.set(server, rooms);
    return rooms.isRunning(remoteId);
  }
}

/** Asks one server about each room once; a server that failed is not asked again in this look. */
class RoomQuestions {
  readonly #server: MeetingsServer;
  /** Of the access URLs that the server serves the one that asked first: it names the server in the log. */
  readonly #accessUrlId: number;
  readonly #log: Logger;
  readonly #answers = new Map<string, Promise<boolean | null>>();
  asked = 0;
  failed = false;

  constructor(server: MeetingsServer, accessUrlId: number, log: Logger) {
    this.#server = server;
    this.#accessUrlId = accessUrlId;
    this.#log = log;
  }

  /** Null where the server does not tell. */
  isRunning(remoteId: string): Promise<boolean | null> {
    const answer = this.#answers.get(remoteId) ?? this.#ask(remoteId);
    this.#answers.set(remoteId, answer);
    return answer;
  }

  async #ask(remoteId: string): Promise<boolean | null> {
    if (this.failed) return null;
    this.asked += 1;
    const accessUrl = this.#accessUrlId;
    try {
      return await this.#server.isMeetingRunning(remoteId);
    } catch (error) {
      // Refusing one room says nothing about the others; a checksum that is refused, or no answer, says it of all.
      if (error instanceof BbbFailedError && error.messageKey !== 'checksumError') {
        this.#log.warn({ accessUrl, reason: error.message }, 'the BBB server does not tell whether a meeting runs');
        return null;
      }
      if (!this.failed) {
        // The client's own errors, whose words hold nothing of the URL or the answer.
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.warn({ accessUrl, reason }, 'the BBB server does not tell which meetings run; asked again at the next look');
      }
      this.failed = true;
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
