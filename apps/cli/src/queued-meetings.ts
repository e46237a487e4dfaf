import { readDeadLetters, readJobs } from '@bbb-activity/queue/read-jobs';
import { isEvent } from '@bbb-activity/store/without-erased';
import type { PersonalData } from './personal-data.js';

/** The ids by which events tell a meeting of one access URL; without an internal one it is the flat occurrence of a room. */
export interface MeetingIds {
  readonly internalId: string | null;
  readonly remoteId: string | null;
}

/** The meetings that jobs or dead letters tell of, by this internal id or of the room with this external id. */
export async function findQueuedMeetings({ backend, accessUrlId }: PersonalData, meetingId: string): Promise<MeetingIds[]> {
  const found = new Map<string | null, MeetingIds>();
  const look = async (items: readonly unknown[]) => {
    for (const { meeting, ...event } of items.filter(isEvent)) {
      const { internalId, externalId } = meeting;
      if (event.accessUrlId !== accessUrlId || (internalId !== meetingId && externalId !== meetingId)) continue;
      found.set(internalId, { internalId, remoteId: externalId });
    }
  };
  await readJobs(backend, look);
  await readDeadLetters(backend, ({ payload }) => look([payload]));
  return [...found.values()];
}

export function isOfOne(item: unknown, accessUrlId: number, meetings: readonly MeetingIds[]): boolean {
  if (!isEvent(item) || item.accessUrlId !== accessUrlId) return false;
  const { internalId, externalId } = item.meeting;
  return meetings.some(
    (meeting) => meeting.internalId === internalId && (internalId !== null || meeting.remoteId === externalId),
  );
}
