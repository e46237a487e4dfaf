import type { ConferenceEvent, EventKind } from '@bbb-activity/events/conference-event';
import { fold } from '@bbb-activity/metrics/fold';
import { FOLD_KINDS, type FoldEvent, type FoldKind } from '@bbb-activity/metrics/fold-event';
import type { Session } from '@bbb-activity/metrics/session';

/** docs/metrics.md told once more, without a database: every person's sessions from a whole journal. */
export function expectedSessions(journal: readonly ConferenceEvent[]): Record<string, Session[]> {
  const result: Record<string, Session[]> = {};
  for (const key of new Set(journal.map(occurrenceOf))) {
    const events = journal.filter((one) => occurrenceOf(one) === key).sort(byTimeAndIdentity);
    const ties = new Map<string, string>();
    for (const { person } of events) {
      if (person?.internalId && person.externalId && !ties.has(person.internalId)) ties.set(person.internalId, person.externalId);
    }
    const ends = events.filter((one) => one.kind === 'meeting_ended');
    const isFlat = key.startsWith('x:');
    const end = isFlat || ends[0] === undefined ? null : { at: ends[0].at, by: 'meeting_ended' as const };
    const personOf = ({ person }: ConferenceEvent) =>
      person?.externalId ?? ties.get(person?.internalId ?? '') ?? person?.internalId ?? null;
    for (const person of new Set(events.map(personOf))) {
      if (person === null) continue;
      const own = events.filter((one) => personOf(one) === person || (isFlat && one.kind === 'meeting_ended'));
      result[`${key}/${person}`] = fold(own.flatMap(toFold), end);
    }
  }
  return result;
}

const occurrenceOf = ({ meeting }: ConferenceEvent) =>
  meeting.internalId === null ? `x:${meeting.externalId}` : `i:${meeting.internalId}`;
const byTimeAndIdentity = (a: ConferenceEvent, b: ConferenceEvent) => a.at - b.at || (a.identity < b.identity ? -1 : 1);
const isFoldKind = (kind: EventKind): kind is FoldKind => FOLD_KINDS.some((known) => known === kind);

function toFold({ identity, at, kind, person, details }: ConferenceEvent): FoldEvent[] {
  if (!isFoldKind(kind)) return [];
  const { stream = null, emoji = null, hand = null } = details;
  return [{ identity, at, kind, connection: person?.internalId ?? null, stream, emoji, hand }];
}
