import type { FoldEvent } from './fold-event.js';
import type { KeptSession, KeptTimer } from './fold-state.js';
import type { FoldTrace } from './fold-trace.js';
import type { ConnectionId, StreamId } from './meaning.js';
import { type ClosedBy, type Session, TIMER_KINDS, type TimerKind } from './session.js';
import { type OnRest, Timer } from './timer.js';

/** A session while it is being folded. */
export class SessionDraft {
  readonly ordinal: number;
  readonly inAt: number;
  #outAt: number | null = null;
  #closedBy: ClosedBy | null = null;
  #talkSeen = false;
  #messages = 0;
  #hands = 0;
  #pollAnswers = 0;
  /** A map, because an emoji is a text from outside and may be a name such as `__proto__`. */
  #reactions = new Map<string, number>();
  #timers: Record<TimerKind, Timer>;
  #changed = false;
  readonly #trace: FoldTrace | undefined;

  private constructor(ordinal: number, inAt: number, timers: Record<TimerKind, Timer>, trace: FoldTrace | undefined) {
    this.ordinal = ordinal;
    this.inAt = inAt;
    this.#timers = timers;
    this.#trace = trace;
  }

  static open(ordinal: number, at: number, trace?: FoldTrace): SessionDraft {
    const draft = new SessionDraft(
      ordinal,
      at,
      timersOf((kind) => (trace === undefined ? new Timer() : new Timer(0, null, [], runTold(trace, ordinal, kind)))),
      trace,
    );
    draft.#changed = true;
    return draft;
  }

  static thaw(kept: KeptSession, trace?: FoldTrace): SessionDraft {
    const draft = new SessionDraft(
      kept.n,
      kept.in,
      timersOf((kind) => thawTimer(kept.timers?.[kind], trace && runTold(trace, kept.n, kind))),
      trace,
    );
    draft.#outAt = kept.out ?? null;
    draft.#closedBy = kept.by ?? null;
    draft.#talkSeen = kept.talked ?? false;
    draft.#messages = kept.messages ?? 0;
    draft.#hands = kept.hands ?? 0;
    draft.#pollAnswers = kept.polls ?? 0;
    draft.#reactions = new Map(Object.entries(kept.reactions ?? {}));
    return draft;
  }

  /** Whether what {@link toSession} gives may have changed since this draft was thawed. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Unix ms; null while it is open. */
  get outAt(): number | null {
    return this.#outAt;
  }

  get isOpen(): boolean {
    return this.#outAt === null;
  }

  isOn(timer: TimerKind, connection: ConnectionId, stream: StreamId): boolean {
    return this.#timers[timer].isOn(connection, stream);
  }

  start(timer: TimerKind, connection: ConnectionId, stream: StreamId, at: number): void {
    if (!this.#timers[timer].switchOn(connection, stream, at)) return;
    if (timer === 'talk') this.#talkSeen = true;
    this.#changed = true;
  }

  stop(timer: TimerKind, connection: ConnectionId, stream: StreamId, at: number): void {
    this.#watch(this.#timers[timer], (it) => it.switchOff(connection, stream, at));
  }

  stopConnection(connection: ConnectionId, at: number): void {
    for (const kind of TIMER_KINDS) this.#watch(this.#timers[kind], (it) => it.switchOffConnection(connection, at));
  }

  stopAll(at: number): void {
    for (const kind of TIMER_KINDS) this.#watch(this.#timers[kind], (it) => it.switchOffAll(at));
  }

  /** Counts also after the close: a connection's counts may follow its `left`. */
  count(event: FoldEvent): void {
    if (event.kind === 'message') this.#messages += 1;
    else if (event.kind === 'hand_raised') this.#hands += 1;
    else if (event.kind === 'poll_answered') this.#pollAnswers += 1;
    else if (event.emoji !== null) this.#reactions.set(event.emoji, (this.#reactions.get(event.emoji) ?? 0) + 1);
    this.#trace?.counted(this.ordinal, event);
    this.#changed = true;
  }

  close(at: number, by: ClosedBy): void {
    this.stopAll(at);
    this.#outAt = at;
    this.#closedBy = by;
    this.#changed = true;
  }

  toSession(): Session {
    return {
      inAt: this.inAt,
      outAt: this.#outAt,
      closedBy: this.#closedBy,
      elapsed: timersOf((kind) => this.#timers[kind].elapsed),
      running: timersOf((kind) => this.#timers[kind].since),
      talkSeen: this.#talkSeen,
      messages: this.#messages,
      reactions: [...this.#reactions.values()].reduce((sum, count) => sum + count, 0),
      reactionsBreakdown: Object.fromEntries(this.#reactions),
      hands: this.#hands,
      pollAnswers: this.#pollAnswers,
    };
  }

  freeze(): KeptSession {
    const timers: Partial<Record<TimerKind, KeptTimer>> = {};
    for (const kind of TIMER_KINDS) {
      const timer = this.#timers[kind];
      if (timer.since !== null) timers[kind] = [timer.elapsed, timer.since, ...timer.sources];
      else if (timer.elapsed > 0) timers[kind] = [timer.elapsed];
    }
    return {
      n: this.ordinal,
      in: this.inAt,
      ...(this.#outAt !== null && { out: this.#outAt }),
      ...(this.#closedBy !== null && { by: this.#closedBy }),
      ...(Object.keys(timers).length > 0 && { timers }),
      ...(this.#talkSeen && { talked: true }),
      ...(this.#messages > 0 && { messages: this.#messages }),
      ...(this.#hands > 0 && { hands: this.#hands }),
      ...(this.#pollAnswers > 0 && { polls: this.#pollAnswers }),
      ...(this.#reactions.size > 0 && { reactions: Object.fromEntries(this.#reactions) }),
    };
  }

  /** Switching off one of several sources leaves the session as it is told. */
  #watch(timer: Timer, act: (timer: Timer) => void): void {
    const since = timer.since;
    act(timer);
    if (timer.since !== since) this.#changed = true;
  }
}

function timersOf<T>(make: (kind: TimerKind) => T): Record<TimerKind, T> {
  return { talk: make('talk'), microphone: make('microphone'), camera: make('camera'), screenshare: make('screenshare') };
}

function thawTimer(kept: KeptTimer | undefined, onRest: OnRest | undefined): Timer {
  if (kept === undefined) return new Timer(0, null, [], onRest);
  const [elapsed, since, ...sources] = kept;
  return new Timer(elapsed, since ?? null, sources, onRest);
}

function runTold(trace: FoldTrace, ordinal: number, kind: TimerKind): OnRest {
  return (since, until) => trace.ran(ordinal, kind, since, until);
}
