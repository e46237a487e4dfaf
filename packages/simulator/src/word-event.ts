import type { SeededRandom } from './seeded-random.js';
import { NAMES_OF_MEANING, PRIVATE_WORDS, valuesOf } from './sender-words.js';
import type { ToldEvent } from './told-event.js';
import type { RawEvent } from './webhook-delivery.js';

/** An event in a sender's words: the same words are the same event, whatever is put around them. */
export interface WordedEvent {
  /** Unix ms: the time that it tells. */
  readonly at: number;
  readonly words: Readonly<Record<string, unknown>>;
  /**
   * `bbb` is BBB's own form and `flat` the other one, as JSON; `text` is the flat one with nothing but texts, which XML and forms can
   * hold too; `platform` is the learning platform's own and stands alone (docs/wire.md, "Event forms" and "The modern endpoint").
   */
  readonly form: 'bbb' | 'flat' | 'text' | 'platform';
  /** The external meeting id that the hook's URL must tell; null where the event tells its meeting. */
  readonly needsMeetingOfHook: string | null;
  /** When its request must be signed, unix seconds; null where that does not matter. */
  readonly signedSeconds: number | null;
  /** Whether it is sent only after somebody looked for meetings that ended unheard. */
  readonly late: boolean;
}

/** Words an event in a form drawn from `random`. */
export function wordEvent(event: ToldEvent, random: SeededRandom): WordedEvent {
  const { at, meeting } = event;
  const needsMeetingOfHook = meeting.internalId === null && meeting.externalId === null ? meeting.room : null;
  const signedSeconds = event.meaning === 'announced' ? at / 1_000 : null;
  const common = { at, needsMeetingOfHook, signedSeconds, late: event.late };
  if (event.byPlatform) return { ...common, words: platformWords(event), form: 'platform' };
  if (random.chance(0.5))
    return { ...common, words: { ...bbbWords(event, random, random.pick(NAMES_OF_MEANING[event.meaning])) }, form: 'bbb' };
  const values = flatValues(event, random);
  const nested = random.chance(0.4);
  const form = random.pick(['flat', 'text'] as const);
  const told = form === 'flat' ? values : mapTexts(values);
  return { ...common, words: nested ? nest(told, random) : told, form };
}

const timeOf = ({ at, inSeconds }: ToldEvent) => (inSeconds ? at / 1_000 : at);

/** Words an event as a BBB server does, by BBB's own name for it. */
export function wordAsBbb(event: ToldEvent, random: SeededRandom): RawEvent {
  return bbbWords(event, random, NAMES_OF_MEANING[event.meaning][0]);
}

function bbbWords(event: ToldEvent, random: SeededRandom, name: string): RawEvent {
  const { meaning, user, stream, emoji } = event;
  const person = user === null ? null : bbbPerson(event);
  const chat = meaning === 'message' && person !== null && random.chance(0.7);
  const message = { id: `${event.at}-${random.text(8)}`, message: PRIVATE_WORDS.written, sender: { ...person, time: event.at } };
  const more = {
    ...valuesOf(meaning, name, emoji),
    ...(stream === null ? {} : { stream }),
    ...(meaning === 'joined' && { role: 'VIEWER', presenter: false, ...SENSITIVE }),
  };
  const attributes = {
    meeting: {
      ...given('internal-meeting-id', event.meeting.internalId),
      ...given('external-meeting-id', event.meeting.externalId),
      ...(meaning === 'meeting_created' && CREATED),
    },
    ...(chat && { 'chat-message': message, 'chat-id': 'MAIN-PUBLIC-GROUP-CHAT' }),
    ...(!chat && person !== null && { user: { ...person, ...more } }),
  };
  return { data: { type: 'event', id: name, attributes, event: { ts: timeOf(event) } } };
}

const SENSITIVE = {
  'ip-address': PRIVATE_WORDS.address,
  'user-agent': PRIVATE_WORDS.browser,
  'session-token': PRIVATE_WORDS.token,
} as const;

const CREATED = {
  name: 'A generated meeting',
  'is-breakout': false,
  'parent-id': 'bbb-none',
  'moderator-pass': PRIVATE_WORDS.moderatorPassword,
  'viewer-pass': PRIVATE_WORDS.viewerPassword,
  record: false,
} as const;

function bbbPerson({ user, at }: ToldEvent): Readonly<Record<string, string>> {
  const { internalId = null, externalId = null, name = null } = user ?? {};
  // Senders tell an unknown external id as empty, or not at all.
  const external = externalId === null && at % 2 === 0 ? { 'external-user-id': '' } : given('external-user-id', externalId);
  return { ...given('internal-user-id', internalId), ...external, ...given('name', name) };
}

type Values = Readonly<Record<string, string | number | boolean>>;

function flatValues(event: ToldEvent, random: SeededRandom): Values {
  const { meaning, meeting, user, stream, emoji } = event;
  const name = random.pick(NAMES_OF_MEANING[meaning]);
  return {
    event: name,
    ...given('internalMeetingID', meeting.internalId),
    ...given('meetingID', meeting.externalId),
    ...given('internalUserID', user?.internalId ?? null),
    ...given('userID', user?.externalId ?? null),
    ...given('username', user?.name ?? null),
    ...given('stream', stream),
    ...valuesOf(meaning, name, emoji),
    timestamp: timeOf(event),
  };
}

function mapTexts(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** The same values one level down, as some senders write them: the name in a header, the rest in a payload. */
function nest(values: Values, random: SeededRandom): Readonly<Record<string, unknown>> {
  const { event, internalMeetingID, meetingID, internalUserID, userID, username, timestamp, ...rest } = values;
  const meeting = { ...given('internalMeetingID', internalMeetingID), ...given('externalMeetingID', meetingID) };
  const user = { ...given('internalUserID', internalUserID), ...given('externalUserID', userID), ...given('name', username) };
  return {
    ...(random.chance(0.5) ? { header: { name: event } } : { event }),
    ...whole('payload', { ...rest, ...whole('meeting', meeting), ...whole('user', user) }),
    timestamp,
  };
}

function whole(key: string, values: object): object {
  return Object.keys(values).length === 0 ? {} : { [key]: values };
}

function platformWords(event: ToldEvent): Readonly<Record<string, string>> {
  const { meeting, user, meaning, at } = event;
  if (event.title !== null) {
    return {
      provider: 'bbb',
      meeting_id: meeting.externalId ?? meeting.room,
      ...given('internal_meeting_id', meeting.internalId),
      title: event.title,
    };
  }
  return {
    provider: 'bbb',
    meeting_id: meeting.externalId ?? meeting.room,
    ...given('internal_meeting_id', meeting.internalId),
    participant_id: user?.externalId ?? '',
    action: meaning === 'joined' ? 'join' : 'leave',
    timestamp: String(event.inSeconds ? at / 1_000 : at),
  };
}

function given<V>(key: string, value: V | null | undefined): Record<string, V> {
  return value === null || value === undefined ? {} : { [key]: value };
}
