import type { Meeting } from '../../../../src/schemas/meetings.js';
import { Ticking } from '../../parts/ticking.js';
import { Link } from '../../router/link.js';
import { useWords } from '../../words/words-context.js';

/** A meeting that goes on. `readAt`: when it was read, unix ms of this browser. */
export function RunningMeeting({ meeting, readAt }: { meeting: Meeting; readAt: number }) {
  const { t, format } = useWords();
  return (
    <li>
      <Link className="running-card" to={`meetings/${meeting.id}`}>
        <span className="running-title">
          {meeting.title}
          {meeting.isBreakout && <span className="tag">{t('meeting.breakout')}</span>}
        </span>
        <span className="running-online">{t('running.online', { count: meeting.online })}</span>
        <span className="running-times">
          {t('running.since', { time: format.timeSince(readAt, meeting.createdAt) })} ·{' '}
          <Ticking seconds={meeting.durationSeconds} readAt={readAt} running />
        </span>
      </Link>
    </li>
  );
}
