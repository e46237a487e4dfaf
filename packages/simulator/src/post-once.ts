/** What one try came to: the status, or null and why there was no answer. */
export interface Try {
  readonly status: number | null;
  readonly problem: string | null;
}

/** Real ms. */
export interface PostOptions {
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
  /** As the sender's own client follows them: a 301 or 302 makes the POST a GET without a body. */
  readonly followRedirects: boolean;
}

/** One POST as the sender makes it. Never rejects: what went wrong is told as its problem, an abort too. */
export async function postOnce(
  {
    url,
    body,
    headers = {},
  }: { readonly url: string; readonly body: string; readonly headers?: Readonly<Record<string, string>> },
  { answerTimeoutMs, signal, followRedirects }: PostOptions,
): Promise<Try> {
  // By hand: what AbortSignal.any makes of a timeout may be collected as garbage before it fires, and the post would then wait for ever.
  const ended = new AbortController();
  const end = () => ended.abort(signal.reason);
  const timer = setTimeout(() => ended.abort(new DOMException('no answer before the timeout', 'TimeoutError')), answerTimeoutMs);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        'user-agent': 'node-fetch',
        accept: '*/*',
        ...headers,
      },
      body,
      redirect: followRedirects ? 'follow' : 'manual',
      signal: ended.signal,
    });
    // Read to its end, so that the connection is used again.
    await response.arrayBuffer();
    return { status: response.status, problem: null };
  } catch (error) {
    return { status: null, problem: describe(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** fetch wraps what went wrong on the wire: the cause tells more than "fetch failed". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
