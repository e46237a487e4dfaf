import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import type { Store } from '@bbb-activity/store/client';
import { closeMeeting, eraseMeeting, findMeetingsToErase } from '@bbb-activity/store/erase-meeting';
import { isMeetingErased } from '@bbb-activity/store/erased';
import { findNamedMeetings } from '@bbb-activity/store/find-meetings';
import { eraseHookHistory } from '@bbb-activity/store/hook-records';
import type { Mentioned } from '@bbb-activity/store/mentions';
import { type EraseOptions, requireEvidence } from './erase-user.js';
import { doubtsOf, removeEvidence } from './evidence.js';
import { namedMeetingIds } from './named-meetings.js';
import { NotFoundError, type PersonalData } from './personal-data.js';
import { findQueuedMeetings, isOfOne, type MeetingIds } from './queued-meetings.js';
import { unreadLines } from './unread-jobs.js';

/**
 * Erases a meeting, or all of a room, from the database, the queue and the dead letters, wherever it is; can be run again after a kill,
 * and beside running workers.
 *
 * @param text an id as `--meeting` takes it (docs/operations.md, "Naming a meeting")
 * @returns whether everything could be read
 * @throws NotFoundError
 * @throws AmbiguousMeetingError
 * @throws WholeRoomError
 */
export async function eraseMeetings(data: PersonalData, text: string, { loose, print }: EraseOptions): Promise<boolean> {
  const { store, backend, erasureKey, accessUrlId } = data;
  const { form, meetingId } = await targetOf(store, text, accessUrlId);
  const stored = await findMeetingsToErase(store, accessUrlId, meetingId);
  const erasedBefore = await isMeetingErased(store, erasureKey, accessUrlId, meetingId);
  const queued = await findQueuedMeetings(data, meetingId);
  const found = [...stored, ...queued];
  const isInternal =
    form === 'internal' || (form === null && (erasedBefore || found.some(({ internalId }) => internalId === meetingId)));
  if (form === null && isInternal && found.some(({ internalId }) => internalId !== meetingId))
    throw new RoomOrMeetingError(meetingId);
  const meetings: MeetingIds[] = [
    ...stored.map(({ internalId, remoteId }) => ({ internalId, remoteId })),
    ...queued,
    ...(erasedBefore ? [{ internalId: meetingId, remoteId: null }] : []),
  ].filter(({ internalId, remoteId }) => (isInternal ? internalId : remoteId) === meetingId);
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
    if ((isInternal ? meeting.internalId : meeting.remoteId) !== meetingId) continue;
    const outcome = await eraseMeeting(store, erasureKey, meeting);
    gone.meetings += 1;
    for (const name of ['events', 'participants', 'rows', 'recordings'] as const) gone[name] += outcome[name];
  }
  let hookEntries = 0;
  for (const room of new Set(meetings.flatMap(({ remoteId }) => remoteId ?? []))) {
    hookEntries += await eraseHookHistory(store.statements, accessUrlId, room);
  }
  print(`meetings: ${gone.meetings}`);
  print(`participants: ${gone.participants}, with ${gone.rows} rows of activity`);
  print(`recordings announced: ${gone.recordings}`);
  print(`events of the journal: ${gone.events}`);
  print(`entries of the history of hooks: ${hookEntries}`);
  print(`queued jobs: ${jobs.rewritten}`);
  print(`dead letters: ${letters.removed}, and ${evidence.removed} that could not be read`);
  if (gone.meetings === 0 && jobs.rewritten + letters.removed > 0) print('it was in the queue alone, and not in the database');
  for (const line of [...doubtsOf(evidence), ...unreadLines(jobs.undecodable)]) print(line);
  return jobs.undecodable.length === 0 && evidence.unopened === 0;
}

interface Target {
  /** Null where the text does not tell: it is the one or the other. */
  readonly form: 'internal' | 'external' | null;
  readonly meetingId: string;
}

async function targetOf(store: Store, text: string, accessUrlId: number): Promise<Target> {
  const [, form, told = text] = /^(id|internal|external):(.+)$/s.exec(text) ?? [];
  if (form === 'internal' || form === 'external') return { form, meetingId: told };
  const named = await findNamedMeetings(store, told, accessUrlId);
  const byId = named.find((meeting) => meeting.byId);
  if (byId === undefined) {
    if (form === 'id') throw new NotFoundError(`there is no meeting ${text} of access URL ${accessUrlId}`);
    return { form: null, meetingId: told };
  }
  // Who gives a number alone may mean a room that is called so.
  if (form === undefined) await namedMeetingIds(store, told, accessUrlId);
  if (byId.internalId === null) throw new WholeRoomError(byId.id, byId.remoteId ?? '');
  return { form: 'internal', meetingId: byId.internalId };
}

/** The text is the internal id of one meeting and the external id of others, some of them perhaps only in the queue. */
class RoomOrMeetingError extends Error {
  readonly code = 'ambiguous_meeting';

  constructor(id: string) {
    super(`${id} is the internal id of a meeting and the external id of a room: put internal: or external: before it`);
  }
}

/** A flat occurrence has no id by which what comes later could be told from the room's next one. */
class WholeRoomError extends Error {
  readonly code = 'whole_room';

  constructor(id: string, room: string) {
    super(`meeting ${id} has no internal id: it can only be erased with all meetings of its room, by external:${room}`);
  }
}
