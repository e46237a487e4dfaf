import type { HookTarget } from './hook-plan.js';

/** A hook of ours that is on the server, as far as is known. Times are unix ms. */
export interface KnownHook {
  readonly hookId: string;
  readonly target: HookTarget;
  /** The time that its URL is signed with. */
  readonly signedAt: number;
  readonly registeredAt: number;
  /** Since when there has been a hook for the same without a loss, over all renewals. */
  readonly coveredSince: number;
  /** When the server last listed it. */
  readonly seenAt: number;
}

/** What the history tells: docs/hooks.md, "History". */
export type HookEvent =
  | 'registered'
  | 'renewed'
  | 'adopted'
  | 'removed'
  | 'lost'
  | 'missed'
  | 'silent'
  | 'starved'
  | 'unanswered';

export interface HistoryEntry {
  readonly event: HookEvent;
  readonly reason: string;
  readonly target: HookTarget;
  readonly hookId: string | null;
  /** Unix ms. */
  readonly at: number;
  /** From when on, and until when, it was so, in unix ms; null where it has no length, or still is. */
  readonly from: number | null;
  readonly to: number | null;
  /** External ids of the meetings that went on meanwhile, as far as the server told. */
  readonly meetings: readonly string[];
}

/** What is so and has not ended yet. */
export interface OpenEntry {
  readonly event: HookEvent;
  readonly target: HookTarget;
  /** Unix ms. */
  readonly from: number;
}

/** How a BBB server answers, over all processes that ask it. Times are unix ms. */
export interface ServerState {
  /** When it last answered as a BBB server does, be it by a refusal. */
  readonly answeredAt: number | null;
  readonly failures: number;
  readonly failingSince: number | null;
  /** Code of the last failure. */
  readonly problem: string | null;
  readonly nextLookAt: number | null;
}

/** A meeting, by both of its ids. */
export interface MeetingIds {
  readonly externalId: string;
  readonly internalId: string;
}

/** The newest run of a room, as far as anything arrived of it. Times are unix ms. */
export interface HeardRun {
  /** Null where its end was not heard. */
  readonly endedAt: number | null;
  /** When something of it last arrived. */
  readonly heardAt: number | null;
}

/** What is written down of an access URL's hooks. */
export interface HookRecords {
  known(): Promise<readonly KnownHook[]>;
  /** Every address that hooks were registered with. */
  addresses(): Promise<readonly string[]>;
  noteAddress(address: string): Promise<void>;
  /** Writes a hook down, or anew. */
  keep(hook: KnownHook): Promise<void>;
  seen(hookIds: readonly string[], at: number): Promise<void>;
  forget(hookIds: readonly string[]): Promise<void>;
  tell(entry: HistoryEntry): Promise<void>;
  /** Tells that something begins to be so; where it is so already, only that these meetings went on too. */
  open(entry: HistoryEntry): Promise<void>;
  openEntries(): Promise<readonly OpenEntry[]>;
  /** Ends what is so, at `to` (unix ms). */
  close(event: HookEvent, target: HookTarget, to: number): Promise<void>;
  server(): Promise<ServerState>;
  setServer(state: ServerState): Promise<void>;
  /** When something of each meeting last arrived, in unix ms, by its external id; a meeting of which nothing is known is left out. */
  lastArrivals(meetings: readonly MeetingIds[]): Promise<ReadonlyMap<string, number>>;
  /** What was heard of the newest run of each of these rooms, by external id; rooms of which nothing is known are left out. */
  lastRuns(externalIds: readonly string[]): Promise<ReadonlyMap<string, HeardRun>>;
  /** External ids of rooms of which something arrived since then (unix ms), and whose end was not heard. */
  goingOn(since: number): Promise<readonly string[]>;
  /** Which of these external ids the learning platform announced for the access URL. */
  announced(externalIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The newest entries first. */
  history(limit: number): Promise<readonly HistoryEntry[]>;
  /** Times of which something may be missing that ended after `since` (unix ms), or have not ended; the newest first. */
  gaps(since: number, limit: number): Promise<readonly HistoryEntry[]>;
}

/** Where hooks are written down: packages/store is behind it. */
export interface HookLedger {
  /**
   * Runs `work` while no other process works on the hooks of this access URL.
   *
   * @param waitMs how long to wait for the others
   * @returns null where they were not done in that time
   */
  exclusively<T>(
    accessUrlId: number,
    waitMs: number,
    work: (records: HookRecords) => Promise<T>,
  ): Promise<{ readonly result: T } | null>;
  /** For reading beside whoever works on them. */
  records(accessUrlId: number): HookRecords;
  /** The access URLs of which hooks are written down. */
  accessUrls(): Promise<readonly number[]>;
}
