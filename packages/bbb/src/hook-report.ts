import type { HistoryEntry, HookEvent } from './hook-ledger.js';
import type { BbbError } from './hook-look.js';
import type { HookProblem } from './hook-plan.js';
import type { ListedHook } from './listed-hooks.js';

/** A hook on a BBB server as it may be told: nothing of its URL's query, and of a foreign one the host alone. Times are ISO texts. */
export interface ToldHook {
  readonly hookId: string;
  readonly ours: boolean;
  /** External id; null for a global hook. */
  readonly meetingId: string | null;
  /** Origin and path of ours; host of a foreign one. */
  readonly address: string;
  readonly signedAt: string | null;
  readonly eventNames: readonly string[];
  readonly permanent: boolean;
}

export interface ToldProblem {
  readonly kind:
    | 'not_configured'
    | 'unreachable'
    | 'refused'
    | 'clock'
    | 'missing'
    | 'overdue'
    | 'unwanted'
    | 'starved'
    | 'permanent';
  readonly meetingId: string | null;
  readonly text: string;
}

/** A time of which events may be missing. */
export interface ToldGap {
  readonly cause: HookEvent;
  /** External id of the hook's meeting; null of a global hook. */
  readonly meetingId: string | null;
  /** External ids of the meetings that went on then, as far as the BBB server told. */
  readonly meetings: readonly string[];
  readonly from: string;
  /** Null while it goes on. */
  readonly to: string | null;
}

export interface HooksHealth {
  readonly accessUrlId: number;
  /** Whether there is no problem. */
  readonly ok: boolean;
  readonly enabled: boolean;
  readonly scope: 'per_meeting' | 'global';
  readonly server: {
    readonly reachable: boolean;
    /** Null where that could not be found out. */
    readonly checksumAccepted: boolean | null;
    /** How far its clock is ahead of this machine's, to about a second; null where it does not tell. */
    readonly clockAheadSeconds: number | null;
    /** Since when the watch has had no answer. */
    readonly failingSince: string | null;
  };
  /** How many there should be, and how many are as they should be; null where the server did not tell. */
  readonly hooks: { readonly wanted: number; readonly good: number; readonly foreign: number } | null;
  readonly problems: readonly ToldProblem[];
  /** Of the last seven days, the newest first. */
  readonly gaps: readonly ToldGap[];
}

export interface ToldEntry {
  readonly at: string;
  readonly event: HookEvent;
  readonly reason: string;
  readonly meetingId: string | null;
  readonly hookId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly meetings: readonly string[];
}

export function isoOf(ms: number): string;
export function isoOf(ms: number | null): string | null;
export function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

export function toldEntry({ at, event, reason, target, hookId, from, to, meetings }: HistoryEntry): ToldEntry {
  return { at: isoOf(at), event, reason, meetingId: target, hookId, from: isoOf(from), to: isoOf(to), meetings };
}

export function toldGap({ event, target, meetings, at, from, to }: HistoryEntry): ToldGap {
  return { cause: event, meetingId: target, meetings, from: isoOf(from ?? at), to: isoOf(to) };
}

/** Another program's path may be a secret of its own. */
export function hostOf({ callbackUrl }: ListedHook): string {
  return URL.canParse(callbackUrl) ? new URL(callbackUrl).host : 'no URL';
}

export function toldProblem(problem: HookProblem): ToldProblem {
  if (problem.kind === 'permanent') {
    const text = `hook ${problem.hook.hookId} of ours is permanent: remove it from the BBB server's own configuration`;
    return { kind: 'permanent', meetingId: problem.hook.meetingId, text };
  }
  const text = `a foreign hook (${problem.by.hookId}, to ${hostOf(problem.by)}) is older than ours, and gets the meeting's events alone`;
  return { kind: 'starved', meetingId: problem.target, text };
}

export function unanswered(error: BbbError): ToldProblem {
  return { kind: error.code === 'bbb_failed' ? 'refused' : 'unreachable', meetingId: null, text: error.message };
}
