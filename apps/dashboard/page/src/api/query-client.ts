import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiFailure, isUnauthorized } from './api-client.js';
import { SESSION_KEY } from './session-api.js';

const MOST_TRIES = 3;

/** Answers that were read, by their keys; what the server could not answer for the moment is asked again. */
export function makeQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError(error, query) {
        // The session ended meanwhile: the login is shown.
        if (isUnauthorized(error) && query.queryKey[0] !== SESSION_KEY[0]) client.setQueryData(SESSION_KEY, null);
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < MOST_TRIES - 1 && mayPass(error),
        retryDelay: (failures) => 500 * 2 ** failures,
        refetchOnWindowFocus: false,
        // What a proxy or a browser thinks of the network says nothing of a server in the same building.
        networkMode: 'always',
        staleTime: 2_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

function mayPass(error: unknown): boolean {
  return error instanceof ApiFailure && (error.status === 0 || error.status >= 500);
}
