import type { MeetingFilter as StoredFilter } from '@bbb-activity/store/meeting-queries';
import { ApiError } from './answers.js';
import type { MeetingFilter } from './schemas/meetings.js';

/** A request's filter as the store takes it. @throws ApiError for a time that is none */
export function filterOf({ title, from, to, running, accessUrlId, remoteId }: MeetingFilter): StoredFilter {
  return { title: title === '' ? undefined : title, from: timeOf(from), to: timeOf(to), running, accessUrlId, remoteId };
}

/** Unix ms. @throws ApiError for a time that is none */
export function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new ApiError(400, 'bad_request', `${text} is no time`);
  return ms;
}
