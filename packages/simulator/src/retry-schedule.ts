/**
 * Waits of BigBlueButton's webhooks program before each new try, in ms (docs/wire.md, "What BigBlueButton itself signs").
 * About five minutes in all; then it deletes a hook that is not permanent.
 */
export const SENDER_RETRY_DELAYS_MS = [
  100, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 30_000, 60_000, 60_000, 60_000, 60_000,
] as const;

/** How long the sender waits for an answer before it counts the try as failed. */
export const SENDER_ANSWER_TIMEOUT_MS = 5_000;

/** Whether the sender counts an answer as delivered: any 2xx, and 401 too. */
export function countsAsDelivered(status: number): boolean {
  return (status >= 200 && status <= 299) || status === 401;
}
