import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { SESSION_KEY } from '../api/session-api.js';
import { LiveChanges } from './live-changes.js';
import { type LiveState, listenLive } from './live-stream.js';

/** Keeps what the page shows up to date while it is shown: of one meeting, or (null) of all that may be read. */
export function useLive(meetingId: string | null): LiveState {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const changes = new LiveChanges(client);
    const end = listenLive(meetingId, {
      state(next) {
        setState(next);
        // It may be the session that ended.
        if (next === 'lost') void client.invalidateQueries({ queryKey: SESSION_KEY });
      },
      hello: () => changes.all(),
      changed: (changed) => changes.changed(changed),
    });
    return () => {
      end();
      changes.end();
    };
  }, [client, meetingId]);
  return state;
}
