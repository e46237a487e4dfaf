import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { type DeadLetter, letterOf } from '@bbb-activity/queue/dead-letter';
import { itemsOf } from '@bbb-activity/queue/job-payload';
import { isEvent } from '@bbb-activity/store/without-erased';
import { onlySize } from './dead-letter-told.js';

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

/** A job's data as it is shown: of events no names, which nobody needs to see how a queue does; of what is no event only how much it is. */
export function shownData(data: unknown): unknown {
  const items = itemsOf(data);
  if (items === null) return onlySize(data);
  const shown = items.slice(0, MOST_SHOWN).map((item) => (isEvent(item) ? withoutNames(item) : onlySize(item)));
  const more = items.length - shown.length;
  return more > 0 ? { items: shown, more } : { items: shown };
}

/** A dead letter's data as it is shown: its reason, and what it holds as {@link shownData} has it. */
export function shownLetter(data: unknown): unknown {
  const { payload, ...letter } = letterOf(data);
  return { ...letter, payload: isEvent(payload) ? withoutNames(payload) : onlySize(payload) };
}

function withoutNames(event: ConferenceEvent): ConferenceEvent {
  const { person, details } = event;
  const { activity } = details;
  return {
    ...event,
    person: person === null ? null : { ...person, name: redacted(person.name) },
    // What the learning platform keeps of an activity may be about the person.
    details:
      activity === undefined
        ? details
        : {
            ...details,
            activity: {
              ...activity,
              activityData: redacted(activity.activityData),
              signatureFile: redacted(activity.signatureFile),
            },
          },
  };
}

function redacted(text: string | null): string | null {
  return text === null ? null : '[redacted]';
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
