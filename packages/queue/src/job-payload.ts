import type { JobOrigin } from './job-origin.js';

/**
 * What a job holds. `json` carries the same value as text where PostgreSQL's jsonb would refuse it: it knows neither the
 * NUL character nor half of a surrogate pair, and both can come from outside.
 */
export type StoredPayload = ({ readonly items: readonly unknown[] } | { readonly json: string }) & {
  /** Absent where nothing is told. */
  readonly from?: readonly JobOrigin[];
};

/** Options of every job of a partition: removed when done, and never failed by BullMQ however often it is handed back. */
export const PARTITION_JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: false,
  // PostgreSQL keeps it in a 32-bit integer.
  attempts: 2_000_000_000,
  stackTraceLimit: 1,
} as const;

const REFUSED_BY_JSONB = /\\u0000|\\ud[89a-f]/;

export function encodePayload(items: readonly unknown[], from: readonly JobOrigin[] = []): StoredPayload {
  const json = JSON.stringify(items);
  const told = from.length === 0 ? {} : { from };
  return isRefused(json) ? { json, ...told } : { items, ...told };
}

/** The same as JSON, as it is stored: written once, not once to look at it and once more to store it. */
export function payloadText(items: readonly unknown[], from: readonly JobOrigin[] = []): string {
  const json = JSON.stringify(items);
  const told = from.length === 0 ? '' : `,"from":${JSON.stringify(from)}`;
  return isRefused(json) ? `{"json":${JSON.stringify(json)}${told}}` : `{"items":${json}${told}}`;
}

function isRefused(json: string): boolean {
  return json.includes('\\u') && REFUSED_BY_JSONB.test(json);
}

/** The items of a job; null where the data is no payload of this package. */
export function itemsOf(data: unknown): unknown[] | null {
  if (typeof data !== 'object' || data === null) return null;
  if ('items' in data && Array.isArray(data.items)) return data.items;
  if (!('json' in data) || typeof data.json !== 'string') return null;
  const items = parsed(data.json);
  return Array.isArray(items) ? items : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A job's name begins with the number of its items, so that the backends can count without decoding them. */
export function jobName(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
