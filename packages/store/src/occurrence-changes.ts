import type { LockedOccurrence } from './lock-occurrences.js';
import { heardEnd, isFlat, type Occurrence } from './occurrence.js';
import { isSignOfLife } from './signs-of-life.js';
import type { PlacedEvent } from './ties.js';

/** An occurrence before and after the batch. */
export interface OccurrenceChange {
  readonly after: Occurrence;
  /** Whether its own row may be other than before. */
  readonly changed: boolean;
  /** Whether its journal of before becomes rows now. */
  readonly awakes: boolean;
  /** Whether the journal holds events from before that concern a participant who is new. */
  readonly journalled: boolean;
  /** Whether every participant of it may change. */
  readonly wide: boolean;
}

/** What the fresh events of a batch make of its occurrences. */
export function changesOf(occurrences: readonly LockedOccurrence[], fresh: readonly PlacedEvent[]): OccurrenceChange[] {
  const alive = new Set(fresh.filter(({ event }) => isSignOfLife(event.kind)).map(({ meetingId }) => meetingId));
  const freshEnds = new Set(fresh.filter(({ event }) => event.kind === 'meeting_ended').map(({ meetingId }) => meetingId));
  return occurrences.map(({ row, telling, named, isNew, becomesKnown, changed }) => {
    const known = row.known || becomesKnown;
    const lifted = row.presumedEnd !== null && alive.has(row.id);
    const after: Occurrence = {
      ...row,
      known,
      ...(named !== null && { remoteId: named.externalId, remoteAt: named.at, remoteIdentity: named.identity }),
      createdAt: Math.min(row.createdAt, telling?.earliestAt ?? row.createdAt),
      endedAt: heardEnd(row, [...(telling?.endedAt ?? []), ...(row.endedAt === null ? [] : [row.endedAt])]),
      presumedEnd: lifted ? null : row.presumedEnd,
    };
    const awakes = becomesKnown && !isNew;
    const endMoved = isFlat(row) ? freshEnds.has(row.id) : after.endedAt !== row.endedAt;
    const journalled = awakes || (isFlat(row) && row.endedAt !== null);
    return { after, changed, awakes, journalled, wide: known && !isNew && (awakes || lifted || endMoved) };
  });
}
