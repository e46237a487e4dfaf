import { queryOptions } from '@tanstack/react-query';
import type { HookChangesTold, HookHistory, HooksHealthTold, ListedHooks } from '../../../src/hook-schemas.js';
import { change, get } from './api-client.js';

/** Another server tells nothing by itself: it is asked anew, in ms. */
const LOOK_EVERY_MS = 30_000;

export const hooksHealthQuery = queryOptions({
  queryKey: ['hooks', 'health'],
  queryFn: ({ signal }) => get<HooksHealthTold>('hooks/health', {}, signal),
  refetchInterval: LOOK_EVERY_MS,
});

export const hooksQuery = (accessUrlId: number) =>
  queryOptions({
    queryKey: ['hooks', 'list', accessUrlId],
    queryFn: ({ signal }) => get<ListedHooks>('hooks', { accessUrlId }, signal),
  });

export const hookHistoryQuery = (accessUrlId: number) =>
  queryOptions({
    queryKey: ['hooks', 'history', accessUrlId],
    queryFn: ({ signal }) => get<HookHistory>('hooks/history', { accessUrlId, limit: 100 }, signal),
  });

export function ensureHooks(accessUrlId: number): Promise<HookChangesTold> {
  return change<HookChangesTold>('hooks/ensure', { method: 'POST', body: { accessUrlId } });
}
