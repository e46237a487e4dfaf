import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { closeMeeting, eraseMeeting, findMeetingsToErase } from '@bbb-activity/store/erase-meeting';
import { isMeetingErased } from '@bbb-activity/store/erased';
import type { Mentioned } from '@bbb-activity/store/mentions';
import { type EraseOptions, requireEvidence } from './erase-user.js';
import { doubtsOf, removeEvidence } from './evidence.js';
import type { PersonalData } from './personal-data.js';
import { findQueuedMeetings, isOfOne, type MeetingIds } from './queued-meetings.js';
import { unreadLines } from './unread-jobs.js';

/**
 * Erases a meeting, or all of a room, from the database, the queue and the dead letters, wherever it is; can be run again after a kill,
 * and beside running workers.
 *
 * @returns whether everything could be read
 * @throws NotFoundError
 */
export async function eraseMeetings(data: PersonalData, meetingId: string, { loose, print }: EraseOptions): Promise<boolean> {
  const { store, backend, erasureKey, accessUrlId } = data;
  const stored = await findMeetingsToErase(store, accessUrlId, meetingId);
  const erasedBefore = await isMeetingErased(store, erasureKey, accessUrlId, meetingId);
  const queued = await findQueuedMeetings(data, meetingId);
  // An internal id is one meeting's alone; that a room has it too counts only where no meeting does.
  const isInternal = erasedBefore || [...stored, ...queued].some(({ internalId }) => internalId === meetingId);
  const meetings: MeetingIds[] = [
    ...stored.map(({ internalId, remoteId }) => ({ internalId, remoteId })),
    ...queued,
    ...(erasedBefore ? [{ internalId: meetingId, remoteId: null }] : []),
  ].filter(({ internalId }) => !isInternal || internalId === meetingId);
  const ids = new Set([meetingId, ...meetings.flatMap(({ internalId }) => internalId ?? [])]);
  const mentioned: Mentioned = { sort: 'meeting', ids: [...ids], names: [] };
  if (meetings.length === 0) await requireEvidence(data, mentioned, loose, `a meeting ${meetingId} of access URL ${accessUrlId}`);
  if (erasedBefore) print('the meeting was erased before; what was left of it goes now');

  for (const { internalId } of meetings) await closeMeeting(store, erasureKey, { id: null, accessUrlId, internalId });
  const jobs = await rewriteJobs(backend, async (items) => {
    const kept = items.filter((item) => !isOfOne(item, accessUrlId, meetings));
    return kept.length === items.length ? null : kept;
  });
  const letters = await rewriteDeadLetters(backend, async ({ payload }) =>
    isOfOne(payload, accessUrlId, meetings) ? null : undefined,
  );
  const evidence = await removeEvidence(data, mentioned, loose);

  // Only now: a worker may have made rows of what was queued, until the meetings were closed.
  const gone = { meetings: 0, events: 0, participants: 0, rows: 0, recordings: 0 };
  for (const meeting of await findMeetingsToErase(store, accessUrlId, meetingId)) {
    if (isInternal && meeting.internalId !== meetingId) continue;
    const outcome = await eraseMeeting(store, erasureKey, meeting);
    gone.meetings += 1;
    for (const name of ['events', 'participants', 'rows', 'recordings'] as const) gone[name] += outcome[name];
  }
  print(`meetings: ${gone.meetings}`);
  print(`participants: ${gone.participants}, with ${gone.rows} rows of activity`);
  print(`recordings announced: ${gone.recordings}`);
  print(`events of the journal: ${gone.events}`);
  print(`queued jobs: ${jobs.rewritten}`);
  print(`dead letters: ${letters.removed}, and ${evidence.removed} that could not be read`);
  if (gone.meetings === 0 && jobs.rewritten + letters.removed > 0) print('it was in the queue alone, and not in the database');
  for (const line of [...doubtsOf(evidence), ...unreadLines(jobs.undecodable)]) print(line);
  return jobs.undecodable.length === 0;
}
