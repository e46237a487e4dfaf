import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { DeadLettersPage, System } from '../../../src/schemas/system.js';
import { change, get } from './api-client.js';

/** Queues tell nothing by themselves: they are looked at anew, in ms. */
const LOOK_EVERY_MS = 5_000;

export const systemQuery = queryOptions({
  queryKey: ['system', 'figures'],
  queryFn: ({ signal }) => get<System>('system', {}, signal),
  refetchInterval: LOOK_EVERY_MS,
});

export const deadLettersQuery = infiniteQueryOptions({
  queryKey: ['system', 'letters'],
  queryFn: ({ pageParam, signal }) => get<DeadLettersPage>('dead-letters', { cursor: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
});

export function redriveLetter(id: string): Promise<null> {
  return change<null>(`dead-letters/${id}/redrive`, { method: 'POST' });
}

export function discardLetter(id: string): Promise<null> {
  return change<null>(`dead-letters/${id}`, { method: 'DELETE' });
}
