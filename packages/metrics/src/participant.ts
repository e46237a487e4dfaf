import { type Before, settle } from './coincidence.js';
import type { FoldEvent } from './fold-event.js';
import { FOLD_STATE_VERSION, type FoldState } from './fold-state.js';
import type { FoldTrace } from './fold-trace.js';
import { type ConnectionId, isEndOfReaction, MEANINGS, type StreamId, streamOf } from './meaning.js';
import type { Instant } from './order.js';
import type { ClosedBy, TimerKind } from './session.js';
import { SessionDraft } from './session-draft.js';

/** How long after its own `left`, inclusive, a connection is known to be gone (docs/metrics.md, "Sessions"). */
const LATE_MS = 5_000;

interface Leaving {
  /** Unix ms. */
  readonly at: number;
  /** Of the session that it left; -1 where the person had none. */
  readonly ordinal: number;
}

/**
 * One participant, instant by instant (docs/metrics.md, "Sessions"). Each connection goes its own way:
 *
 *                joined, start, count                      left
 *     ┌──────┐ ───────────────────────▶ ┌──────┐ ─────────────────────▶ ┌───────────────┐
 *     │ away │                          │ here │                        │ recently left │ ◀─┐ left;
 *     └──────┘ ◀─────────────────────── └──────┘ ◀───────────────────── └───────────────┘ ──┘ starts and stops: nothing;
 *       ▲  │   meeting ended; left of               joined                 ▲    │             counts: to the open session,
 *       │  │   the null connection                                         │    │             else to the one it left
 *       │  └───────────────────────────── left ────────────────────────────┘    │
 *       └──────────────────────── more than 5,000 ms since its left ────────────┘
 *
 * The participant's session is open exactly while a connection is here. Another connection's `left`, be it that of the null
 * connection, is not one's own: a connection that it removed is away, and comes back with its next opening event.
 */
export class Participant implements Before {
  readonly #drafts = new Map<number, SessionDraft>();
  readonly #here: Set<ConnectionId>;
  readonly #left: Map<ConnectionId, Leaving>;
  #open: SessionDraft | null = null;
  #next: number;
  #lastAt: number | null;
  /** Late counts of this instant without any session: another connection may open one at the same instant. */
  readonly #lone: FoldEvent[] = [];
  readonly #trace: FoldTrace | undefined;

  constructor(state: FoldState, trace?: FoldTrace) {
    this.#trace = trace;
    this.#next = state.next;
    this.#lastAt = state.lastAt;
    this.#here = new Set(state.here);
    this.#left = new Map(state.left?.map(([connection, at, ordinal]) => [connection, { at, ordinal }]));
    for (const kept of state.sessions ?? []) {
      const draft = SessionDraft.thaw(kept, trace);
      this.#drafts.set(draft.ordinal, draft);
      if (draft.isOpen) this.#open = draft;
    }
  }

  isHere(connection: ConnectionId): boolean {
    return this.#here.has(connection);
  }

  isOn(timer: TimerKind, connection: ConnectionId, stream: StreamId): boolean {
    return this.#open?.isOn(timer, connection, stream) ?? false;
  }

  /** Takes all events of one instant, which is later than every one before. */
  take(instant: Instant): void {
    const { events, rejoining } = settle(instant, this);
    for (const event of events) this.#take(event, rejoining);
    if (this.#lone.length > 0) for (const event of this.#lone.splice(0)) this.#countAlone(event);
    this.#lastAt = instant.at;
  }

  /** Closes what is open at `at` (unix ms). */
  close(at: number, by: ClosedBy): void {
    this.#open?.close(at, by);
    this.#open = null;
    this.#here.clear();
  }

  /** The sessions that were opened or changed, in order of time. */
  changed(): SessionDraft[] {
    return [...this.#drafts.values()].filter((draft) => draft.changed);
  }

  freeze(): FoldState {
    const lastAt = this.#lastAt;
    const left = [...this.#left].filter(([, leaving]) => lastAt === null || lastAt - leaving.at < LATE_MS);
    const kept = new Set([this.#next - 1, ...left.map(([, leaving]) => leaving.ordinal)]);
    const sessions = [...this.#drafts.values()].filter((draft) => kept.has(draft.ordinal));
    return {
      version: FOLD_STATE_VERSION,
      lastAt,
      next: this.#next,
      ...(this.#here.size > 0 && { here: [...this.#here] }),
      ...(left.length > 0 && { left: left.map(([connection, { at, ordinal }]) => [connection, at, ordinal] as const) }),
      ...(sessions.length > 0 && { sessions: sessions.map((draft) => draft.freeze()) }),
    };
  }

  #take(event: FoldEvent, rejoining: ReadonlySet<ConnectionId>): void {
    const { at, connection } = event;
    const meaning = MEANINGS[event.kind];
    switch (meaning.act) {
      case 'joined':
        this.#left.delete(connection);
        this.#enter(connection, at);
        break;
      case 'start':
        if (this.#recentLeaving(connection, at) !== undefined) return;
        if (meaning.opens) this.#enter(connection, at);
        this.#open?.start(meaning.timer, connection, streamOf(event, meaning.timer), at);
        break;
      case 'count':
        if (!isEndOfReaction(event)) this.#count(event, meaning.opens);
        break;
      case 'stop':
        // A connection that left has no source on, so that its late stops change nothing by themselves.
        this.#open?.stop(meaning.timer, connection, streamOf(event, meaning.timer), at);
        break;
      case 'left':
        this.#leave(connection, at, rejoining.has(connection));
        break;
      case 'meeting_ended':
        this.close(at, 'meeting_ended');
        break;
    }
  }

  #enter(connection: ConnectionId, at: number): SessionDraft {
    this.#here.add(connection);
    if (this.#open !== null) return this.#open;
    const draft = SessionDraft.open(this.#next, at, this.#trace);
    this.#next += 1;
    this.#drafts.set(draft.ordinal, draft);
    this.#open = draft;
    return draft;
  }

  #count(event: FoldEvent, opens: boolean): void {
    const { at, connection } = event;
    const leaving = this.#recentLeaving(connection, at);
    if (leaving === undefined) {
      if (opens) this.#enter(connection, at);
      this.#open?.count(event);
      return;
    }
    const target = this.#open ?? this.#drafts.get(leaving.ordinal);
    if (target !== undefined) target.count(event);
    else if (opens) this.#lone.push(event);
  }

  /**
   * The person was inside and left before we knew of any session: what they did counts, as a session of no length. An open one would make them
   * present until the meeting ends. Where a session is open at that instant, or ends at it, it counts there: sessions are apart.
   */
  #countAlone(event: FoldEvent): void {
    const { at, connection } = event;
    const last = this.#open ?? this.#drafts.get(this.#next - 1);
    const touches = last?.isOpen === true || last?.outAt === at;
    const draft = last !== undefined && touches ? last : this.#enter(connection, at);
    draft.count(event);
    if (!touches) this.close(at, 'left');
    this.#left.set(connection, { at: this.#left.get(connection)?.at ?? at, ordinal: draft.ordinal });
  }

  /**
   * A `left` also holds for a connection that was not here (we may have been registered late, or it is told twice): what follows
   * it late is no sign of presence. Such a connection left the session it left before, or else the person's last one.
   */
  #leave(connection: ConnectionId, at: number, rejoins: boolean): void {
    const before = this.#here.has(connection) ? undefined : this.#recentLeaving(connection, at);
    this.#left.delete(connection);
    if (!rejoins) this.#left.set(connection, { at, ordinal: before?.ordinal ?? this.#next - 1 });
    if (connection === null) {
      this.#open?.stopAll(at);
      this.#here.clear();
    } else {
      this.#open?.stopConnection(connection, at);
      this.#here.delete(connection);
    }
    if (rejoins) this.#here.add(connection);
    if (this.#here.size === 0) this.close(at, 'left');
  }

  #recentLeaving(connection: ConnectionId, at: number): Leaving | undefined {
    const leaving = this.#left.get(connection);
    return leaving !== undefined && at - leaving.at <= LATE_MS ? leaving : undefined;
  }
}
