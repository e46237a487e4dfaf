import { useNow } from '../live/use-now.js';
import { clock } from '../words/formats.js';

/**
 * A duration that goes on by itself between two reads.
 *
 * @param seconds as they were at `readAt`
 * @param readAt when they were read, by this browser's clock (unix ms), so that its difference to the server's does not matter
 * @param running whether they grow
 */
export function Ticking({ seconds, readAt, running }: { seconds: number; readAt: number; running: boolean }) {
  const now = useNow(running);
  return <>{clock(running ? seconds + Math.max(0, now - readAt) / 1_000 : seconds)}</>;
}
