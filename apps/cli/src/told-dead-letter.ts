import { eventIn, onlySize } from '@bbb-activity/app-dashboard/dead-letter-told';
import type { StoredDeadLetter } from '@bbb-activity/queue/dead-letters';
import { isSealedPayload } from '@bbb-activity/store/sealed-letters';

/** What a dead letter is, for a terminal and whatever records it: ids and terms alone, nothing of what somebody is called or said. */
export interface DeadLetterOnTerminal {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly source: string;
  /** Null where it does not tell. */
  readonly at: string | null;
  /** `sealed`: what ingress could not read; `other`: nobody knows what it holds. */
  readonly holds: 'event' | 'sealed' | 'other';
  /** Of what it holds, as JSON. */
  readonly bytes: number;
  readonly redrivable: boolean;
  readonly accessUrlId: number | null;
  /** Null where it holds none. */
  readonly event: {
    readonly name: string;
    readonly identity: string;
    readonly at: string;
    readonly meetingId: string | null;
    readonly internalMeetingId: string | null;
    readonly userId: string | null;
  } | null;
}

export function onTerminal({ id, reason, detail, source, at, payload }: StoredDeadLetter): DeadLetterOnTerminal {
  const event = eventIn(payload)?.item ?? null;
  const { holds, bytes } = onlySize(payload);
  return {
    id,
    reason: printable(reason),
    detail: printable(detail),
    source: printable(source),
    at: at === '' ? null : printable(at),
    holds: event === null ? holds : 'event',
    bytes,
    redrivable: event !== null,
    accessUrlId: event?.accessUrlId ?? (isSealedPayload(payload) ? payload.accessUrlId : null),
    event:
      event === null
        ? null
        : {
            name: printable(event.name),
            identity: printable(event.identity),
            at: new Date(event.at).toISOString(),
            meetingId: printableOrNull(event.meeting.externalId),
            internalMeetingId: printableOrNull(event.meeting.internalId),
            userId: printableOrNull(event.person?.externalId ?? event.person?.internalId ?? null),
          },
  };
}

/** What comes from outside must not steer the terminal that shows it. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}

function printableOrNull(text: string | null): string | null {
  return text === null ? null : printable(text);
}

/** One line of a list. */
export function letterLine({ id, at, reason, holds, event, detail }: DeadLetterOnTerminal): string {
  const what = event === null ? holds : `${event.name}, meeting ${event.meetingId ?? event.internalMeetingId ?? 'unknown'}`;
  return `${id}: ${reason}, ${what}, ${at ?? 'at an unknown time'}: ${detail}`;
}

/** All that is told of one. */
export function letterLines(letter: DeadLetterOnTerminal): string[] {
  const { id, reason, detail, source, at, holds, bytes, redrivable, accessUrlId, event } = letter;
  return [
    `dead letter ${id}`,
    `  reason: ${reason}`,
    `  detail: ${detail}`,
    `  put aside: ${at ?? 'unknown'}, by ${source === '' ? 'unknown' : source}`,
    `  holds: ${holds}, ${bytes} bytes, ${redrivable ? 'can be sent again' : 'cannot be sent again'}`,
    ...(accessUrlId === null ? [] : [`  access URL: ${accessUrlId}`]),
    ...(event === null
      ? []
      : [
          `  event: ${event.name} of ${event.at}, identity ${event.identity}`,
          `  meeting: ${event.meetingId ?? 'unknown'}, internal id ${event.internalMeetingId ?? 'unknown'}`,
          `  user: ${event.userId ?? 'none'}`,
        ]),
  ];
}
