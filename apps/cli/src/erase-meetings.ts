import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { closeMeeting, eraseMeeting, findMeetingsToErase, type MeetingToErase } from '@bbb-activity/store/erase-meeting';
import { isMeetingErased } from '@bbb-activity/store/erased';
import { isEvent } from '@bbb-activity/store/without-erased';
import { removeSealed } from './erase-user.js';
import { NotFoundError, type PersonalData } from './personal-data.js';

/**
 * Erases a meeting, or all of a room, from the database, the queue and the dead letters; can be run again after a kill, and beside running
 * workers.
 *
 * @throws NotFoundError
 */
export async function eraseMeetings(data: PersonalData, meetingId: string, print: (line: string) => void): Promise<void> {
  const { store, backend, erasureKey, accessUrlId } = data;
  const stored = await findMeetingsToErase(store, accessUrlId, meetingId);
  const erasedBefore = await isMeetingErased(store, erasureKey, accessUrlId, meetingId);
  if (stored.length === 0 && !erasedBefore) {
    throw new NotFoundError(`nothing is stored about a meeting ${meetingId} of access URL ${accessUrlId}`);
  }
  if (erasedBefore) print('the meeting was erased before; what was left of it goes now');
  for (const meeting of stored) await closeMeeting(store, erasureKey, meeting);

  const meetings = erasedBefore ? [...stored, { id: '', accessUrlId, internalId: meetingId, remoteId: null }] : stored;
  const jobs = await rewriteJobs(backend, async (items) => {
    const kept = items.filter((item) => !isOfOne(item, meetings));
    return kept.length === items.length ? null : kept;
  });
  const letters = await rewriteDeadLetters(backend, async ({ payload }) => (isOfOne(payload, meetings) ? null : undefined));
  const sealed = await removeSealed(data, [meetingId, ...meetings.flatMap(({ internalId }) => internalId ?? [])]);
  const gone = { events: 0, participants: 0, rows: 0, recordings: 0 };
  for (const meeting of stored) {
    const outcome = await eraseMeeting(store, erasureKey, meeting);
    for (const name of ['events', 'participants', 'rows', 'recordings'] as const) gone[name] += outcome[name];
  }
  print(`meetings: ${stored.length}`);
  print(`participants: ${gone.participants}, with ${gone.rows} rows of activity`);
  print(`recordings announced: ${gone.recordings}`);
  print(`events of the journal: ${gone.events}`);
  print(`queued jobs: ${jobs.rewritten}`);
  print(`dead letters: ${letters.removed}, and ${sealed.removed} that could not be read`);
}

function isOfOne(item: unknown, meetings: readonly MeetingToErase[]): boolean {
  if (!isEvent(item)) return false;
  const { internalId, externalId } = item.meeting;
  return meetings.some((meeting) => {
    if (meeting.accessUrlId !== item.accessUrlId || meeting.internalId !== internalId) return false;
    return internalId !== null || meeting.remoteId === externalId;
  });
}
