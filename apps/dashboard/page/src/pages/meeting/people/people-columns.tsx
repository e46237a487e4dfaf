import type { ReactNode } from 'react';
import { Ticking } from '../../../parts/ticking.js';
import type { PlainWord } from '../../../words/catalogue.js';
import { type Formats, sameDay } from '../../../words/formats.js';
import type { Words } from '../../../words/words-context.js';
import { Attendance, type MeetingTime } from './attendance.js';
import type { PersonRow, PersonSort } from './person-rows.js';
import { Reactions } from './reactions.js';

/** What all cells of the table go by. */
export interface CellPlace {
  readonly time: MeetingTime;
  /** When the meeting began, an ISO text: times of other days than this one bear their day. */
  readonly beganAt: string;
  /** Per cent. */
  readonly threshold: number;
  readonly t: Words['t'];
  readonly format: Formats;
}

export interface PersonColumn {
  readonly key: PersonSort;
  readonly label: PlainWord;
  readonly help: PlainWord;
  readonly numeric: boolean;
  readonly cell: (row: PersonRow, place: CellPlace) => ReactNode;
}

/** A number of a count: nought stands back, so that the others are seen. */
function counted(value: number, format: Formats): ReactNode {
  return value === 0 ? <span className="none">0</span> : format.number(value);
}

function timed(seconds: number, running: boolean, { time }: CellPlace): ReactNode {
  const ticking = <Ticking seconds={seconds} readAt={time.readAt} running={running && time.running} />;
  return seconds === 0 && !running ? <span className="none">{ticking}</span> : ticking;
}

/** A time; the day above it where it is of another one than the meeting's first. */
function moment(at: string, { beganAt, format }: CellPlace): ReactNode {
  if (sameDay(beganAt, at)) return format.time(at);
  return (
    <span className="moment">
      <small>{format.dayOfMonth(at)}</small> {format.time(at)}
    </span>
  );
}

/** All but the name, in their order; what a column counts stands in its help. */
export const PERSON_COLUMNS: readonly PersonColumn[] = [
  {
    key: 'share',
    label: 'person.share',
    help: 'person.shareHelp',
    numeric: false,
    cell: ({ onlineSeconds, online }, { time, threshold }) => (
      <Attendance onlineSeconds={onlineSeconds} online={online} time={time} threshold={threshold} />
    ),
  },
  {
    key: 'online',
    label: 'person.online',
    help: 'person.onlineHelp',
    numeric: true,
    cell: ({ onlineSeconds, online }, place) => timed(onlineSeconds, online, place),
  },
  {
    key: 'talk',
    label: 'person.talk',
    help: 'person.talkHelp',
    numeric: true,
    cell: ({ talkSeconds, talkSource, running }, place) => (
      <span className={running.talk && place.time.running ? 'talking' : undefined}>
        {timed(talkSeconds, running.talk, place)}
        {talkSeconds > 0 && (
          <abbr className={`source source-${talkSource}`} title={place.t(`talk.${talkSource}`)}>
            {place.t(`talk.${talkSource}Short`)}
          </abbr>
        )}
      </span>
    ),
  },
  {
    key: 'camera',
    label: 'person.camera',
    help: 'person.cameraHelp',
    numeric: true,
    cell: ({ cameraSeconds, running }, place) => timed(cameraSeconds, running.camera, place),
  },
  {
    key: 'messages',
    label: 'person.messages',
    help: 'person.messagesHelp',
    numeric: true,
    cell: ({ messages }, { format }) => counted(messages, format),
  },
  {
    key: 'reactions',
    label: 'person.reactions',
    help: 'person.reactionsHelp',
    numeric: false,
    cell: ({ reactions, reactionsBreakdown }) => <Reactions count={reactions} breakdown={reactionsBreakdown} />,
  },
  {
    key: 'hands',
    label: 'person.hands',
    help: 'person.handsHelp',
    numeric: true,
    cell: ({ hands }, { format }) => counted(hands, format),
  },
  {
    key: 'joined',
    label: 'person.joined',
    help: 'person.joinedHelp',
    numeric: true,
    cell: ({ firstJoinedAt, sessions }, place) => (
      <>
        {sessions > 1 && (
          <abbr className="source source-before" title={place.t('person.times', { count: sessions })}>
            {sessions}×
          </abbr>
        )}
        {firstJoinedAt === null ? '–' : moment(firstJoinedAt, place)}
      </>
    ),
  },
  {
    key: 'left',
    label: 'person.left',
    help: 'person.leftHelp',
    numeric: true,
    cell: ({ lastLeftAt, online }, place) =>
      lastLeftAt === null ? (
        <span className="inside">{place.t(online ? 'person.inside' : 'person.unknown')}</span>
      ) : (
        moment(lastLeftAt, place)
      ),
  },
];

export const SCORE_COLUMN: PersonColumn = {
  key: 'score',
  label: 'score.name',
  help: 'score.help',
  numeric: true,
  cell: ({ score }, { format }) => <b>{score === null ? '' : format.number(score)}</b>,
};
