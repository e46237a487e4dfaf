/** A request whose items a job holds: for logs and traces alone, and no part of any item. */
export interface JobOrigin {
  /** The request's id. */
  readonly request: string;
  /** W3C traceparent of the span that put them into the queue; absent where the request is not traced. */
  readonly trace?: string;
}

/** So many are carried by one job, and told of one batch: what names a few dozen requests helps to find them, and more only grows. */
export const MOST_ORIGINS = 32;

/** The origins that a job tells; none of a job that tells none, or that another version wrote. */
export function originsOf(data: unknown): JobOrigin[] {
  if (typeof data !== 'object' || data === null || !('from' in data) || !Array.isArray(data.from)) return [];
  return data.from.filter(isOrigin).slice(0, MOST_ORIGINS);
}

function isOrigin(value: unknown): value is JobOrigin {
  return (
    typeof value === 'object' &&
    value !== null &&
    'request' in value &&
    typeof value.request === 'string' &&
    (!('trace' in value) || typeof value.trace === 'string')
  );
}
