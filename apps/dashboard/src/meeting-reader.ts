import type { Store } from '@bbb-activity/store/client';
import { listMeetings, participantsOf } from '@bbb-activity/store/meeting-queries';
import type { MeetingReader } from './read-api.js';

/** Reads meetings from the database; open sessions count up to now. */
export function storeMeetingReader(store: Store): MeetingReader {
  return {
    listMeetings: (query) => listMeetings(store, query),
    participantsOf: (meetingId) => participantsOf(store, meetingId, Date.now()),
  };
}
