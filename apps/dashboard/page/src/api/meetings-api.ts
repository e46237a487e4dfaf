import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ExportQuery } from '../../../src/schemas/exports.js';
import type { Kpis } from '../../../src/schemas/kpis.js';
import type { MeetingDetail, MeetingFilter, MeetingsPage, MeetingsQuery } from '../../../src/schemas/meetings.js';
import type { Participants } from '../../../src/schemas/participants.js';
import type { Timeline } from '../../../src/schemas/timeline.js';
import { readersZone } from '../words/formats.js';
import { apiAddress, get } from './api-client.js';

/** Keys begin with what a change makes old: see `live/live-changes.ts`. */
export const kpisQuery = (accessUrlId?: number) =>
  queryOptions({
    queryKey: ['kpis', accessUrlId ?? null],
    queryFn: ({ signal }) => get<Kpis>('kpis', { timeZone: readersZone(), accessUrlId }, signal),
  });

export const runningMeetingsQuery = (accessUrlId?: number) =>
  queryOptions({
    queryKey: ['meetings', 'running', accessUrlId ?? null],
    queryFn: ({ signal }) => get<MeetingsPage>('meetings', { running: true, limit: 50, accessUrlId }, signal),
  });

export const meetingsQuery = (query: Omit<MeetingsQuery, 'cursor'>) =>
  infiniteQueryOptions({
    queryKey: ['meetings', 'list', query],
    queryFn: ({ pageParam, signal }) => get<MeetingsPage>('meetings', { ...query, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

export const meetingQuery = (id: string) =>
  queryOptions({
    queryKey: ['meeting', id, 'detail'],
    queryFn: ({ signal }) => get<MeetingDetail>(`meetings/${id}`, {}, signal),
  });

export const participantsQuery = (id: string) =>
  queryOptions({
    queryKey: ['meeting', id, 'participants'],
    queryFn: ({ signal }) => get<Participants>(`meetings/${id}/participants`, {}, signal),
  });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['timeline', id],
    queryFn: ({ signal }) => get<Timeline>(`meetings/${id}/timeline`, {}, signal),
  });

export function meetingExportAddress(id: string, query: ExportQuery): string {
  return apiAddress(`meetings/${id}/export`, query);
}

export function exportAddress(query: ExportQuery & MeetingFilter): string {
  return apiAddress('export', query);
}
