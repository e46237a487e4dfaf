import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { type JobOrigin, originsOf } from '@bbb-activity/queue/job-origin';
import type { IngressLetter } from './intake.js';

export interface KeyedEvent {
  readonly key: string;
  readonly item: ConferenceEvent;
}

/** What one record of the spool holds: what one call would have put into the queue. */
export type SpooledEntry =
  | { readonly events: readonly KeyedEvent[]; readonly from: readonly JobOrigin[] }
  | { readonly letters: readonly IngressLetter[] };

export function encodeEntry(entry: SpooledEntry): Buffer {
  return Buffer.from(JSON.stringify(entry), 'utf8');
}

/** @throws Error where it is no entry: another program's file, or a later version's */
export function decodeEntry(payload: Buffer): SpooledEntry {
  const value: unknown = JSON.parse(payload.toString('utf8'));
  if (typeof value === 'object' && value !== null) {
    if ('events' in value && Array.isArray(value.events)) return { events: value.events as KeyedEvent[], from: originsOf(value) };
    if ('letters' in value && Array.isArray(value.letters)) return { letters: value.letters as IngressLetter[] };
  }
  throw new Error('a record of the spool is none of this version');
}

/** The same in the same order, with neighbours of one kind together. */
export function gatherEntries(entries: readonly SpooledEntry[]): SpooledEntry[] {
  const gathered: SpooledEntry[] = [];
  for (const entry of entries) {
    const last = gathered.at(-1);
    if (last !== undefined && 'events' in last && 'events' in entry)
      gathered[gathered.length - 1] = { events: [...last.events, ...entry.events], from: [...last.from, ...entry.from] };
    else if (last !== undefined && 'letters' in last && 'letters' in entry)
      gathered[gathered.length - 1] = { letters: [...last.letters, ...entry.letters] };
    else gathered.push(entry);
  }
  return gathered;
}
