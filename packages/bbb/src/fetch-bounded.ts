import { BbbAnswerError, BbbUnreachableError } from './errors.js';

export interface BoundedAnswer {
  readonly status: number;
  readonly text: string;
  /** How far the server's clock is ahead of this one, in ms, to about a second; null where it does not tell its time. */
  readonly clockAheadMs: number | null;
}

export interface FetchBounds {
  /** For the whole call, in ms. */
  readonly timeoutMs: number;
  /** Of the body as it is read, unpacked. */
  readonly maxBytes: number;
}

/**
 * Gets a signed URL. No redirect is followed: it would carry the checksum elsewhere.
 *
 * @param call names the call in errors, which never tell the URL
 * @throws {BbbUnreachableError}
 * @throws {BbbAnswerError} for a redirect, and for a body that is too large, of which no more is read
 */
export async function fetchBounded(call: string, url: string, { timeoutMs, maxBytes }: FetchBounds): Promise<BoundedAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const asked = Date.now();
    const response = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/xml, text/xml' } });
    const { status } = response;
    const clockAheadMs = clockAhead(response.headers.get('date'), (asked + Date.now()) / 2);
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      throw new BbbAnswerError(call, status, 'it redirects elsewhere');
    }
    return { status, text: await readText(call, response, maxBytes), clockAheadMs };
  } catch (error) {
    if (error instanceof BbbAnswerError) throw error;
    throw new BbbUnreachableError(call, signal.aborted ? 'timeout' : reasonOf(error));
  }
}

/** The header tells whole seconds, cut off. */
function clockAhead(date: string | null, now: number): number | null {
  const told = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(told) ? null : Math.round(told + 500 - now);
}

async function readText(call: string, response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) break;
    bytes += read.value.byteLength;
    if (bytes > maxBytes) {
      await reader?.cancel();
      throw new BbbAnswerError(call, response.status, `it is larger than ${maxBytes} bytes`);
    }
    chunks.push(read.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The code alone: words of the errors of fetch may hold the URL. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]{1,40}$/.test(code) ? code : 'network error';
}
