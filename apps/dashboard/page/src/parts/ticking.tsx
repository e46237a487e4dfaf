import { useKnownNow } from '../live/standing-still.js';
import { clock } from '../words/formats.js';

interface TickingProps {
  /** As they were at `readAt`. */
  readonly seconds: number;
  /** When they were read, by this browser's clock (unix ms), so that its difference to the server's does not matter. */
  readonly readAt: number;
  /** Whether they grow. */
  readonly running: boolean;
  /** How many seconds a second they grow by: of a sum over people, how many of them go on. */
  readonly rate?: number;
}

/** A duration that goes on by itself between two reads, and stands where the connection is lost. */
export function Ticking({ seconds, readAt, running, rate = 1 }: TickingProps) {
  const now = useKnownNow(running);
  return <>{clock(running ? seconds + rate * secondsSince(readAt, now) : seconds)}</>;
}

/** From a moment to another, of this browser's clock; never below 0. */
export function secondsSince(readAt: number, now: number): number {
  return Math.max(0, now - readAt) / 1_000;
}
