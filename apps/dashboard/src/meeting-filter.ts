import type { MeetingFilter as StoredFilter } from '@bbb-activity/store/meeting-queries';
import { ApiError } from './answers.js';
import type { MeetingFilter } from './schemas/meetings.js';

/** The earliest that PostgreSQL and JavaScript write in the same way, in unix ms. */
const YEAR_ONE = Date.parse('0001-01-01T00:00:00Z');

/** A request's filter as the store takes it. @throws ApiError for a time that is none */
export function filterOf({ title, running, accessUrlId, remoteId, ...times }: MeetingFilter): StoredFilter {
  return { title: title === '' ? undefined : title, ...timesOf(times), running, accessUrlId, remoteId };
}

/** Unix ms. @throws ApiError, which names the field, for a time that is none: the schema lets a 61st second pass, and a year 0 */
export function timesOf({ from, to }: Pick<MeetingFilter, 'from' | 'to'>): Pick<StoredFilter, 'from' | 'to'> {
  return { from: timeOf('from', from), to: timeOf('to', to) };
}

function timeOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || ms < YEAR_ONE)
    throw new ApiError(400, 'bad_request', `querystring/${field} is no time of year 1 or later`);
  return ms;
}
