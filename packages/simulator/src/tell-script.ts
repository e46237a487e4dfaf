import { holdBack } from './hold-back.js';
import type { ConnectionScript, OccurrenceScript, PersonScript, RoomScript, SourceScript, StayScript } from './meeting-script.js';
import type { SeededRandom } from './seeded-random.js';
import type { ToldEvent, ToldMeaning, ToldMeeting, ToldOccurrence } from './told-event.js';

/**
 * Everything that is told of a room, each thing once: which ids go with which event is drawn from `random`.
 *
 * @param deliveredAt unix ms: announcements are signed, which is their time, when they are delivered and not when the meeting is
 */
export function tellScript(room: RoomScript, random: SeededRandom, deliveredAt: number): ToldOccurrence[] {
  const told = room.occurrences.map((script) => ({
    script,
    events: [...tellOccurrence(script, random), ...tellAnnouncements(room, script, deliveredAt)],
  }));
  return holdBack(room.heldBack, told, random);
}

/** With the seconds before it, and for the next eight minutes within five of now. */
const CLOCK_AHEAD_SECONDS = 285;

function tellAnnouncements({ announcements }: RoomScript, script: OccurrenceScript, deliveredAt: number): ToldEvent[] {
  const { internalId, externalId } = script;
  // Signed as by a clock that goes fast, as far as ingress allows (docs/wire.md, "The modern endpoint"): a wave may take minutes.
  const signedAt = Math.floor(deliveredAt / 1_000) + CLOCK_AHEAD_SECONDS;
  return announcements
    .filter((announcement) => announcement.internalId === internalId)
    .map(({ title, secondsBefore }) => ({
      meaning: 'announced',
      at: (signedAt - secondsBefore) * 1_000,
      inSeconds: false,
      meeting: { internalId, externalId, room: externalId },
      user: null,
      stream: null,
      emoji: null,
      byPlatform: true,
      title,
      late: false,
    }));
}

/** When the server makes up a `left`, after the first end; null where it does not. */
export function madeUpLeftAt({ endedAt, leavesMadeUp, inSeconds }: OccurrenceScript, stay: StayScript): number | null {
  // Of a flat room each end makes up its own.
  const end = endedAt.find((at) => at > stay.from);
  if (!leavesMadeUp || end === undefined || (stay.to !== null && stay.to <= end)) return null;
  return end + (inSeconds ? 1_000 : 5);
}

/** An event before it is known which of the meeting's ids go with it. */
type Act = Omit<ToldEvent, 'meeting' | 'inSeconds' | 'byPlatform' | 'title' | 'late'>;

function tellOccurrence(script: OccurrenceScript, random: SeededRandom): ToldEvent[] {
  const [firstEnd = Number.POSITIVE_INFINITY] = script.endedAt;
  const bare = (meaning: ToldMeaning, at: number): Act => ({ meaning, at, user: null, stream: null, emoji: null });
  const acts = [
    ...(script.createdTold ? [bare('meeting_created', script.startsAt)] : []),
    ...(random.chance(0.3) ? [bare('recording_started', script.startsAt + 2_000)] : []),
    ...(random.chance(0.3) ? [bare('unheard_of', script.startsAt + 3_000)] : []),
    ...script.people.flatMap((person) =>
      person.connections.flatMap((connection) => tellConnection(script, person, connection, random)),
    ),
    ...script.endedAt.map((at) => bare('meeting_ended', at)),
  ];
  return acts.map((act, index) => {
    const platform = isPlatforms(script, act) && random.chance(0.4);
    const internalId = script.internalId;
    const tellsExternal = platform || (act.at <= firstEnd && tellsExternalId(script, index, random));
    // The URL of the hook is all that tells some senders' meeting.
    const untold = internalId === null && !platform && random.chance(0.05);
    const external = internalId === null ? !untold : tellsExternal;
    const meeting: ToldMeeting = { internalId, externalId: external ? script.externalId : null, room: script.externalId };
    // The platform tells ids and no names.
    const user = platform && act.user !== null ? { ...act.user, name: null } : act.user;
    const inSeconds = script.inSeconds && random.chance(0.5);
    return { ...act, user, meeting, inSeconds, byPlatform: platform, title: null, late: false };
  });
}

/** Whether the learning platform could have told it: joins and leaves of those whose connection has no id. */
function isPlatforms({ tellsExternalId: tells }: OccurrenceScript, { meaning, user }: Act): boolean {
  return (meaning === 'joined' || meaning === 'left') && user?.internalId === null && tells !== 'never';
}

function tellsExternalId(script: OccurrenceScript, index: number, random: SeededRandom): boolean {
  if (script.tellsExternalId === 'sometimes') return index === 0 || random.chance(0.4);
  return script.tellsExternalId === 'always';
}

function tellConnection(
  script: OccurrenceScript,
  person: PersonScript,
  connection: ConnectionScript,
  random: SeededRandom,
): Act[] {
  const stays = connection.stays.flatMap((stay) => tellStay(script, stay, random));
  const acts = stays.sort((a, b) => a.at - b.at);
  const ties = connection.ties.map(({ at, externalId, told }): Act => {
    const user = { internalId: connection.internalId, externalId, name: null };
    return { meaning: told, at, user, stream: null, emoji: null };
  });
  const own = acts.map((act, index): Act => {
    const user = {
      internalId: connection.internalId,
      externalId: carriesId(connection, index, acts.length, random) ? person.externalId : null,
      name: random.chance(act.meaning === 'joined' ? 0.9 : 0.2) ? person.name : null,
    };
    return { ...act, user };
  });
  return [...own, ...ties];
}

/** What ties a connection to its person is its first event, its last, most of them (the first among them), or none. */
function carriesId({ internalId, tellsExternalId: tells }: ConnectionScript, index: number, count: number, random: SeededRandom) {
  if (internalId === null) return true;
  if (tells === 'mostly') return index === 0 || random.chance(0.8);
  return (tells === 'first' && index === 0) || (tells === 'last' && index === count - 1);
}

type Moment = Omit<Act, 'user'>;

function tellStay(script: OccurrenceScript, stay: StayScript, random: SeededRandom): Moment[] {
  const tell = (meaning: ToldMeaning, at: number, more: Partial<Moment> = {}): Moment => ({
    meaning,
    at,
    stream: null,
    emoji: null,
    ...more,
  });
  const madeUp = madeUpLeftAt(script, stay);
  // What a number is not made of is told in between, at times of its own.
  const lateSecond = (at: number) => at + (script.inSeconds ? 1_000 : 30);
  return [
    ...(stay.joinTold ? [tell('joined', stay.from)] : []),
    ...(stay.to === null ? [] : [tell('left', stay.to)]),
    ...(madeUp === null ? [] : [tell('left', madeUp)]),
    ...(random.chance(0.2) && stay.joinTold ? [tell('listening', lateSecond(stay.from))] : []),
    ...stay.sources.flatMap((source) => tellSource(source, tell)),
    ...[...stay.messages, ...stay.lateMessages].map((at) => tell('message', at)),
    ...stay.lateStarts.map((at) => tell('microphone_started', at)),
    ...stay.pollAnswers.map((at) => tell('poll_answered', at)),
    ...stay.reactions.flatMap(({ at, emoji }) => [
      tell('reaction', at, { emoji }),
      ...(random.chance(0.3) ? [tell('reaction_ended', lateSecond(at))] : []),
    ]),
    ...stay.hands.flatMap(({ at, told }) => [
      ...(told === 'raise' ? [tell('hand_raised', at)] : []),
      ...(told === 'emoji' || told === 'both' ? [tell('hand_emoji', at)] : []),
      ...(told === 'shadow' || told === 'both' ? [tell('hand_shadow', at)] : []),
      ...(random.chance(0.3) ? [tell('hand_lowered', lateSecond(at))] : []),
    ]),
  ];
}

function tellSource(source: SourceScript, tell: (meaning: ToldMeaning, at: number, more: Partial<Moment>) => Moment): Moment[] {
  const { timer, stream, from } = source;
  const stop = source.to ?? source.lateStop;
  return [tell(`${timer}_started`, from, { stream }), ...(stop === null ? [] : [tell(`${timer}_stopped`, stop, { stream })])];
}
