import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { groupBy } from './group-by.js';

/** An occurrence as it stands in the database; times in unix ms. */
export interface Occurrence {
  readonly id: string;
  readonly accessUrlId: number;
  readonly key: string;
  readonly internalId: string | null;
  readonly remoteId: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly closedAt: number | null;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  readonly known: boolean;
  /** Whether retention took its journal: nothing folds its rows again. */
  readonly sealed: boolean;
}

/** What the events of a batch tell of one occurrence. Duplicates change nothing of it. */
export interface OccurrenceTelling {
  readonly accessUrlId: number;
  readonly key: string;
  readonly internalId: string | null;
  /** Of the earliest event, by (time, identity), that tells one. */
  readonly externalId: string | null;
  readonly earliestAt: number;
  readonly latestAt: number;
  /** Times of `meeting_ended`. */
  readonly endedAt: readonly number[];
  /** Whether an event tells the meeting's own fields. */
  readonly tellsFacts: boolean;
  /** Whether the modern endpoint announces the meeting. */
  readonly announces: boolean;
}

/** Names an occurrence across access URLs. */
export function occurrenceName(occurrence: { readonly accessUrlId: number; readonly key: string }): string {
  return `${occurrence.accessUrlId}/${occurrence.key}`;
}

/** The occurrence an event belongs to (docs/metrics.md, "Meeting occurrence"). */
export function occurrenceNameOf(event: ConferenceEvent): string {
  return occurrenceName({ accessUrlId: event.accessUrlId, key: keyOf(event) });
}

export function isFlat(occurrence: { readonly internalId: string | null }): boolean {
  return occurrence.internalId === null;
}

export function tellingsOf(events: readonly ConferenceEvent[]): OccurrenceTelling[] {
  const groups = groupBy(events, occurrenceNameOf);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [tellingOf(first, group)];
  });
}

function tellingOf(first: ConferenceEvent, events: readonly ConferenceEvent[]): OccurrenceTelling {
  const named = events.filter((event) => event.meeting.externalId !== null).sort(byTimeAndIdentity);
  const times = events.map((event) => event.at);
  return {
    accessUrlId: first.accessUrlId,
    key: keyOf(first),
    internalId: first.meeting.internalId,
    externalId: named[0]?.meeting.externalId ?? null,
    earliestAt: Math.min(...times),
    latestAt: Math.max(...times),
    endedAt: events.filter((event) => event.kind === 'meeting_ended').map((event) => event.at),
    tellsFacts: events.some((event) => event.kind === 'meeting_created' || event.kind === 'meeting_announced'),
    announces: events.some((event) => event.kind === 'meeting_announced'),
  };
}

function byTimeAndIdentity(a: ConferenceEvent, b: ConferenceEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.identity < b.identity ? -1 : Number(a.identity > b.identity);
}

function keyOf(event: ConferenceEvent): string {
  return event.meeting.internalId === null ? `x:${event.meeting.externalId ?? ''}` : `i:${event.meeting.internalId}`;
}
