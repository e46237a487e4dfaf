import type { MeetingDetail } from '../../../../src/schemas/meetings.js';
import type { Participants } from '../../../../src/schemas/participants.js';
import { Figure, Figures } from '../../parts/figure.js';
import { Ticking } from '../../parts/ticking.js';
import { useWords } from '../../words/words-context.js';
import { Reactions } from './people/reactions.js';

interface TotalsProps {
  readonly meeting: MeetingDetail;
  /** Undefined until they are read. */
  readonly people: Participants | undefined;
  /** When the meeting was read: unix ms of this browser. */
  readonly readAt: number;
}

/** The sums over all people of a meeting. */
export function MeetingTotals({ meeting, people, readAt }: TotalsProps) {
  const { t, format } = useWords();
  const { totals, roster, running } = meeting;
  const going = (of: 'talk' | 'camera') => (running ? (people?.items.filter((person) => person.running[of]).length ?? 0) : 0);
  const sum = (seconds: number, rate: number) => <Ticking seconds={seconds} readAt={readAt} running={rate > 0} rate={rate} />;
  return (
    <Figures>
      <Figure
        label={t('people.title')}
        value={format.number(meeting.participants)}
        detail={[
          ...(running ? [t('running.online', { count: meeting.online })] : []),
          ...(roster === null ? [] : [t('totals.absent', { count: roster.absent, expected: roster.expected })]),
        ].join(' · ')}
        help={t('meetings.participantsHelp')}
      />
      <Figure
        label={t('person.online')}
        value={sum(totals.onlineSeconds, running ? meeting.online : 0)}
        detail={t('totals.sessions', { count: totals.sessions })}
        help={t('totals.onlineHelp')}
      />
      <Figure
        label={t('person.talk')}
        value={sum(totals.talkSeconds, going('talk'))}
        detail={totals.talkSeconds > 0 ? t(`talk.${totals.talkSource}`) : undefined}
        help={t('person.talkHelp')}
      />
      <Figure label={t('person.camera')} value={sum(totals.cameraSeconds, going('camera'))} help={t('person.cameraHelp')} />
      <Figure label={t('person.messages')} value={format.number(totals.messages)} help={t('person.messagesHelp')} />
      <Figure
        label={t('person.reactions')}
        value={format.number(totals.reactions)}
        detail={totals.reactions > 0 && <Reactions count={totals.reactions} breakdown={totals.reactionsBreakdown} all />}
        help={t('person.reactionsHelp')}
      />
      <Figure label={t('person.hands')} value={format.number(totals.hands)} help={t('person.handsHelp')} />
    </Figures>
  );
}
