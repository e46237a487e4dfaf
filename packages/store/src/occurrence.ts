import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { groupBy } from './group-by.js';

/** An occurrence as it stands in the database; times in unix ms. */
export interface Occurrence {
  readonly id: string;
  readonly accessUrlId: number;
  readonly key: string;
  readonly internalId: string | null;
  readonly remoteId: string | null;
  /** (time, identity) of the event that told `remoteId`; null of a flat occurrence, whose key tells it. */
  readonly remoteAt: number | null;
  readonly remoteIdentity: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly closedAt: number | null;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  readonly known: boolean;
  /** Whether retention took its journal: nothing folds its rows again. */
  readonly sealed: boolean;
}

/** The external id that an event tells. */
export interface RoomTelling {
  readonly externalId: string;
  readonly at: number;
  readonly identity: string;
}

/** What the events of a batch tell of one occurrence. Duplicates change nothing of it. */
export interface OccurrenceTelling {
  readonly accessUrlId: number;
  readonly key: string;
  readonly internalId: string | null;
  /** Of the earliest event, by (time, identity), that tells one. */
  readonly room: RoomTelling | null;
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

/** Of the ends that were told, the one that holds: the earliest of an internal occurrence is final, of a flat one the latest is told. */
export function heardEnd(occurrence: { readonly internalId: string | null }, times: readonly number[]): number | null {
  if (times.length === 0) return null;
  return isFlat(occurrence) ? Math.max(...times) : Math.min(...times);
}

/** The end that the fold goes by: the presumed one where the occurrence is marked, else the one that was heard. A flat one has none. */
export function endOf(occurrence: Occurrence): MeetingEnd | null {
  const { presumedEnd, closedAt, endedAt } = occurrence;
  if (presumedEnd !== null && closedAt !== null) return { at: closedAt, by: presumedEnd };
  return isFlat(occurrence) || endedAt === null ? null : { at: endedAt, by: 'meeting_ended' };
}

export function tellingsOf(events: readonly ConferenceEvent[]): OccurrenceTelling[] {
  const groups = groupBy(events, occurrenceNameOf);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [tellingOf(first, group)];
  });
}

function tellingOf(first: ConferenceEvent, events: readonly ConferenceEvent[]): OccurrenceTelling {
  const times = events.map((event) => event.at);
  return {
    accessUrlId: first.accessUrlId,
    key: keyOf(first),
    internalId: first.meeting.internalId,
    room: earliestRoom(events),
    earliestAt: Math.min(...times),
    latestAt: Math.max(...times),
    endedAt: events.filter((event) => event.kind === 'meeting_ended').map((event) => event.at),
    tellsFacts: events.some((event) => event.kind === 'meeting_created' || event.kind === 'meeting_announced'),
    announces: events.some((event) => event.kind === 'meeting_announced'),
  };
}

function earliestRoom(events: readonly ConferenceEvent[]): RoomTelling | null {
  let earliest: RoomTelling | null = null;
  for (const { at, identity, meeting } of events) {
    if (meeting.externalId === null) continue;
    if (earliest === null || at < earliest.at || (at === earliest.at && identity < earliest.identity)) {
      earliest = { externalId: meeting.externalId, at, identity };
    }
  }
  return earliest;
}

/**
 * What a batch tells that names the occurrence from now on; null where it keeps its external id. The earliest event that tells one
 * decides, whenever it arrives; a flat occurrence has the one of its key.
 */
export function roomAfter(row: Occurrence, telling: OccurrenceTelling | null): RoomTelling | null {
  const room = telling?.room ?? null;
  if (room === null || isFlat(row)) return null;
  if (row.remoteAt === null || row.remoteIdentity === null || room.at < row.remoteAt) return room;
  return room.at === row.remoteAt && room.identity < row.remoteIdentity ? room : null;
}

function keyOf(event: ConferenceEvent): string {
  return event.meeting.internalId === null ? `x:${event.meeting.externalId ?? ''}` : `i:${event.meeting.internalId}`;
}
