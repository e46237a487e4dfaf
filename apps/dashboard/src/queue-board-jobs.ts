import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { DeadLetter } from '@bbb-activity/queue/dead-letter';
import { isEvent } from '@bbb-activity/store/without-erased';

/** So many of a job's items are shown: the page of a long batch stays usable. */
const MOST_SHOWN = 20;

/** What a batch holds, and of whom: `3 events: algebra · user 42`, or `12 events: 2 meetings, 7 users`. */
export function jobName(items: readonly unknown[]): string {
  const events = items.filter(isEvent);
  const count = `${items.length} ${items.length === 1 ? 'event' : 'events'}`;
  if (events.length === 0) return count;
  const meetings = new Set(events.map(meetingOf));
  const users = new Set(events.flatMap((event) => userOf(event) ?? []));
  return `${count}: ${oneOrCount(meetings, 'meetings')}${users.size === 0 ? '' : `${meetings.size > 1 ? ', ' : ' · '}${oneOrCount(users, 'users', 'user ')}`}`;
}

/** `not_applicable: user-joined · algebra · user 42` */
export function letterName({ reason, payload }: DeadLetter): string {
  if (!isEvent(payload)) return reason;
  const user = userOf(payload);
  return `${reason}: ${payload.name} · ${meetingOf(payload)}${user === null ? '' : ` · user ${user}`}`;
}

/**
 * The items as they are shown: of events no names, which nobody needs to see how a queue does. Null where there are none.
 */
export function shownItems(items: readonly unknown[] | null): unknown {
  if (items === null) return null;
  const shown = items.slice(0, MOST_SHOWN).map((item) => withoutName(item));
  const more = items.length - shown.length;
  return more > 0 ? { items: shown, more } : { items: shown };
}

function withoutName(item: unknown): unknown {
  if (isEvent(item))
    return { ...item, person: item.person === null ? null : { ...item.person, name: redacted(item.person.name) } };
  // A dead letter holds its event.
  if (typeof item === 'object' && item !== null && 'payload' in item) return { ...item, payload: withoutName(item.payload) };
  return item;
}

function redacted(name: string | null): string | null {
  return name === null ? null : '[redacted]';
}

function meetingOf({ meeting }: ConferenceEvent): string {
  return meeting.externalId ?? meeting.internalId ?? '';
}

function userOf({ person }: ConferenceEvent): string | null {
  return person?.externalId ?? person?.internalId ?? null;
}

function oneOrCount(names: ReadonlySet<string>, of: string, before = ''): string {
  const [only] = names;
  return names.size === 1 && only !== undefined ? `${before}${only}` : `${names.size} ${of}`;
}
