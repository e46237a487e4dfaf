import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What an export of many meetings took. Bytes, and seconds by the clock. */
export interface MeasuredExport {
  readonly bytes: number;
  readonly seconds: number;
  /** The most that was alive on the heap at once, beyond what was before: looked at after a collection, again and again while the file is sent. */
  readonly heapGrowth: number;
}

/** From one look at the heap to the next. */
const STEP_BYTES = 2 * 2 ** 20;

/** Takes an export as fast as it comes and keeps nothing of it. The server must be in this process. @throws Error where it is not answered 200 */
export async function measureExport(url: string, token: string): Promise<MeasuredExport> {
  const collect = collector();
  const before = collect();
  const start = performance.now();
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status !== 200 || answer.body === null) throw new Error(`${url} was answered ${answer.status}`);
  let bytes = 0;
  let looked = 0;
  let most = before;
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    if (bytes - looked < STEP_BYTES) continue;
    looked = bytes;
    most = Math.max(most, collect());
  }
  return { bytes, seconds: (performance.now() - start) / 1_000, heapGrowth: most - before };
}

/** Collects the garbage, and gives how many bytes are alive. */
function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
