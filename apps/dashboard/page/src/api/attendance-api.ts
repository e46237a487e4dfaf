import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Attendance } from '../../../src/schemas/attendance.js';
import type { Roster } from '../../../src/schemas/rosters.js';
import { ApiFailure, change, get } from './api-client.js';

/** Of a room, or of a person. Times are ISO texts. */
export interface AttendanceOf {
  readonly accessUrlId: number;
  readonly remoteId?: string;
  readonly person?: string;
  readonly from?: string;
  readonly to?: string;
}

export const attendanceQuery = (of: AttendanceOf) =>
  queryOptions({
    queryKey: ['attendance', 'of', of],
    queryFn: ({ signal }) => get<Attendance>('attendance', { ...of }, signal),
    placeholderData: keepPreviousData,
  });

const pathOf = (remoteId: string) => `rosters/${encodeURIComponent(remoteId)}`;

/** Null where the room has none. */
export const rosterQuery = (accessUrlId: number, remoteId: string) =>
  queryOptions({
    queryKey: ['attendance', 'roster', accessUrlId, remoteId],
    queryFn: ({ signal }) =>
      get<Roster>(pathOf(remoteId), { accessUrlId }, signal).catch((error: unknown) => {
        if (error instanceof ApiFailure && error.status === 404) return null;
        throw error;
      }),
  });

/** `csv` has a head with a column `user_id`. */
export function putRoster(accessUrlId: number, remoteId: string, csv: string): Promise<Roster> {
  const body = new Blob([csv], { type: 'text/csv' });
  return change<Roster>(pathOf(remoteId), { method: 'PUT', query: { accessUrlId }, body });
}

export function removeRoster(accessUrlId: number, remoteId: string): Promise<null> {
  return change<null>(pathOf(remoteId), { method: 'DELETE', query: { accessUrlId } });
}
