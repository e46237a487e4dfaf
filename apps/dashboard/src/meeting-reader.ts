import type { Store } from '@bbb-activity/store/client';
import { blameOf } from '@bbb-activity/store/errors';
import { InvalidCursorError, listMeetings, type MeetingSummary, participantsOf } from '@bbb-activity/store/meeting-queries';
import { DatabaseNotReadyError } from '@bbb-activity/store/ready';
import type { MeetingReader } from './read-api.js';
import type { Meeting } from './schemas/meetings.js';

/** Reads meetings from the database; open sessions count up to now. */
export function storeMeetingReader(store: Store): MeetingReader {
  return {
    async listMeetings(query) {
      const { items, nextCursor } = await reading(listMeetings(store, query));
      return { items: items.map(asJson), nextCursor };
    },
    participantsOf: (meetingId) => reading(participantsOf(store, meetingId, Date.now())),
  };
}

/** What the database is to blame for is told as such: the same request may succeed later. */
async function reading<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    if (error instanceof InvalidCursorError || blameOf(error) !== 'database') throw error;
    throw new DatabaseNotReadyError('database_unreachable', 'the database cannot be read now', { cause: error });
  });
}

function asJson({ createdAt, closedAt, ...meeting }: MeetingSummary): Partial<Meeting> {
  return { ...meeting, createdAt: createdAt.toISOString(), closedAt: closedAt?.toISOString() ?? null };
}
