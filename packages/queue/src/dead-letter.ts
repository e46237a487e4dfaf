import { createHash } from 'node:crypto';
import { itemsOf } from './job-payload.js';

/** What could not be applied, whole. */
export interface DeadLetter {
  /** A short fixed term. */
  readonly reason: string;
  readonly detail: string;
  /** JSON. */
  readonly payload: unknown;
  /** Where it comes from, such as a partition's name. */
  readonly source: string;
  /** When it was put aside, ISO 8601. */
  readonly at: string;
}

/** Of a job among the dead letters that is none: its payload is then all that the job holds. */
export const MALFORMED_LETTER = 'malformed_letter';

/** The letter that a job holds. */
export function letterOf(data: unknown): DeadLetter {
  const [letter] = itemsOf(data) ?? [];
  if (typeof letter !== 'object' || letter === null || !('payload' in letter) || !('reason' in letter)) {
    return { reason: MALFORMED_LETTER, detail: 'this job is no dead letter', payload: data, source: '', at: '' };
  }
  const text = (name: string) => String(Reflect.get(letter, name) ?? '');
  return { reason: text('reason'), detail: text('detail'), payload: letter.payload, source: text('source'), at: text('at') };
}

/** One id for letters that are the same in everything but their time, whatever order a store gives the names of their fields. */
export function contentId({ reason, detail, payload, source }: Omit<DeadLetter, 'at'>): string {
  return createHash('sha256')
    .update(JSON.stringify([reason, detail, payload, source], byName))
    .digest('hex');
}

function byName(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
