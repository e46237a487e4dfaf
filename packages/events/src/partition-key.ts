import type { ConferenceEvent } from './conference-event.js';

/**
 * What keeps one person's events of one meeting in order: access URL, meeting and person, each by its internal id, else its external one, joined
 * unambiguously. An event of the meeting alone has its own key.
 */
export function partitionKeyOf(event: Pick<ConferenceEvent, 'accessUrlId' | 'meeting' | 'person'>): string {
  const { accessUrlId, meeting, person } = event;
  return JSON.stringify([
    accessUrlId,
    meeting.internalId ?? meeting.externalId ?? '',
    person?.internalId ?? person?.externalId ?? '',
  ]);
}
