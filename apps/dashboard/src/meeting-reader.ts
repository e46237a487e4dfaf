import type { Store } from '@bbb-activity/store/client';
import { listMeetings, type MeetingSummary, participantsOf } from '@bbb-activity/store/meeting-queries';
import type { MeetingReader } from './read-api.js';
import type { Meeting } from './schemas.js';

/** Reads meetings from the database; open sessions count up to now. */
export function storeMeetingReader(store: Store): MeetingReader {
  return {
    async listMeetings(query) {
      const { items, nextCursor } = await listMeetings(store, query);
      return { items: items.map(asJson), nextCursor };
    },
    participantsOf: (meetingId) => participantsOf(store, meetingId, Date.now()),
  };
}

function asJson({ createdAt, closedAt, ...meeting }: MeetingSummary): Meeting {
  return { ...meeting, createdAt: createdAt.toISOString(), closedAt: closedAt?.toISOString() ?? null };
}
