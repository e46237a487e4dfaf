import type { ConferenceEvent, EventKind } from './conference-event.js';
import { kindOfName, namesOfKind } from './event-names.js';

/**
 * What passes whatever the filter. Without `meeting_ended` no session would ever close; and what the learning platform itself announces is not
 * an event of a meeting, which is what a filter chooses from.
 */
const ALWAYS: ReadonlySet<EventKind> = new Set<EventKind>([
  'meeting_ended',
  'activity',
  'meeting_announced',
  'recording_announced',
]);

/** A filter from a list of event names as an operator writes it; null (all events pass) where it names none. */
export function eventFilter(names: readonly string[]): ReadonlySet<string> | null {
  const lower = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  return lower.length === 0 ? null : new Set(lower);
}

/** The kinds that the filter's names mean. `noted` is no meaning that names could share, so it is never among them. */
export function kindsOfFilter(filter: ReadonlySet<string>): ReadonlySet<EventKind> {
  const known = kindsByFilter.get(filter);
  if (known !== undefined) return known;
  const kinds = new Set<EventKind>();
  for (const name of filter) {
    const kind = kindOfName(name);
    if (kind !== null && kind !== 'noted') kinds.add(kind);
  }
  kindsByFilter.set(filter, kinds);
  return kinds;
}

/** A filter lives as long as its process and is asked about every event. */
const kindsByFilter = new WeakMap<ReadonlySet<string>, ReadonlySet<EventKind>>();

/** Whether an event passes: its own name stands in the filter, or a name of the same kind does. Null lets all pass. */
export function passesFilter(filter: ReadonlySet<string> | null, event: Pick<ConferenceEvent, 'kind' | 'name'>): boolean {
  return filter === null || ALWAYS.has(event.kind) || filter.has(event.name) || kindsOfFilter(filter).has(event.kind);
}

/**
 * What a BBB server is told to send for a filter of these names, sorted; none, for all events, where it names none. A server compares names
 * alone, so these are all names of what the filter lets pass, and `meeting-ended` (docs/wire.md, "The hooks API").
 */
export function sentNamesOf(names: readonly string[]): readonly string[] {
  const filter = eventFilter(names);
  if (filter === null) return [];
  const meant = [...kindsOfFilter(filter), 'meeting_ended' as const].flatMap(namesOfKind);
  return [...new Set([...filter, ...meant])].toSorted();
}
