import type { LiveEvents } from '../../../src/schemas/live.js';
import { apiAddress } from '../api/api-client.js';

/** `lost` once the connection has been away for so long that a reader should know. */
export type LiveState = 'connecting' | 'live' | 'lost';

export interface LiveListener {
  state(state: LiveState): void;
  hello(): void;
  changed(meetingId: string): void;
}

/** The server ends a stream after a quarter of an hour, and the browser comes again after two seconds: that is no loss. */
const LOST_AFTER_MS = 5_000;
/** Where the browser gave up, as it does when it is answered by an error. */
const AGAIN_MS = 4_000;

/** Listens to the changes of one meeting, or of all that may be read; returns what ends it (docs/dashboard.md, "Live"). */
export function listenLive(meetingId: string | null, listener: LiveListener): () => void {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  let lost: ReturnType<typeof setTimeout> | undefined;

  const connect = () => {
    source = new EventSource(apiAddress('live', { meeting: meetingId ?? undefined }));
    source.addEventListener('hello', () => {
      clearTimeout(lost);
      lost = undefined;
      listener.state('live');
      listener.hello();
    });
    source.addEventListener('changed', ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as LiveEvents['changed'];
      listener.changed(told.meetingId);
    });
    source.addEventListener('error', () => {
      lost ??= setTimeout(() => listener.state('lost'), LOST_AFTER_MS);
      if (source.readyState === EventSource.CLOSED) again = setTimeout(connect, AGAIN_MS);
    });
  };
  connect();
  return () => {
    clearTimeout(again);
    clearTimeout(lost);
    source.close();
  };
}
