import { setTimeout as wait } from 'node:timers/promises';
import type { SignedPlannedRequest } from '@bbb-activity/simulator/sign-planned-request';

/** A BBB server waits longer from try to try (docs/wire.md, "Retry and failure"); here ingress is back as soon as it can be. */
const RETRY_AFTER_MS = 100;
const GIVES_UP_AFTER_MS = 480_000;

/** Deliveries on their way, one after the other. */
export interface Sending {
  /** Of each delivery that was answered, in order: how many tries were taken and never answered. */
  readonly lost: readonly number[];
  /** Resolves when the last one is answered. */
  readonly done: Promise<void>;
}

/** Sends each request again, the same bytes, until it is answered 200, and only then the next one. */
export function sendOneByOne(requests: readonly SignedPlannedRequest[]): Sending {
  const lost: number[] = [];
  const sendAll = async () => {
    for (const request of requests) lost.push(await sendUntilAnswered(request));
  };
  const done = sendAll();
  // Its failure is told to who waits for it, also when that is later.
  done.catch(() => undefined);
  return { lost, done };
}

async function sendUntilAnswered({ url, headers, body }: SignedPlannedRequest): Promise<number> {
  const deadline = Date.now() + GIVES_UP_AFTER_MS;
  for (let lost = 0; Date.now() < deadline; ) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body });
      const answer = await response.text();
      if (response.status === 200) return lost;
      if (response.status !== 503) throw new Error(`a delivery was answered ${response.status} ${answer}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (!isRefused(error)) lost += 1;
    }
    await wait(RETRY_AFTER_MS);
  }
  throw new Error('a delivery was never answered');
}

/** Nobody listened: nothing was taken. */
function isRefused({ cause }: TypeError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
