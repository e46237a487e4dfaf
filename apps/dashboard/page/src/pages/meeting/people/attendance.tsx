import { useKnownNow } from '../../../live/standing-still.js';
import { secondsSince } from '../../../parts/ticking.js';
import { useWords } from '../../../words/words-context.js';
import { reaches, shareOf, wholePercent } from '../../attendance-rule.js';

export interface MeetingTime {
  readonly durationSeconds: number;
  readonly running: boolean;
  /** When it was read: unix ms of this browser. */
  readonly readAt: number;
}

interface AttendanceProps {
  readonly onlineSeconds: number;
  readonly online: boolean;
  readonly time: MeetingTime;
  /** Per cent. */
  readonly threshold: number;
}

/** The share of the meeting in which somebody was connected, now. */
export function useShare({ onlineSeconds, online, time }: Omit<AttendanceProps, 'threshold'>): number {
  const now = useKnownNow(time.running);
  const since = time.running ? secondsSince(time.readAt, now) : 0;
  return shareOf(onlineSeconds + (online ? since : 0), time.durationSeconds + since);
}

/** A bar and a number, and whether the threshold is reached: told by a sign, not by colour alone. */
export function Attendance({ threshold, ...rest }: AttendanceProps) {
  const { t, format } = useWords();
  const share = useShare(rest);
  const reached = reaches(share, threshold);
  return (
    <span className={reached ? 'attendance' : 'attendance attendance-below'}>
      <svg className="attendance-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bar-back" width="100" height="8" rx="2" />
        <rect className="bar-front" width={(share * 100).toFixed(1)} height="8" rx="2" />
        <path className="bar-mark" d={`M${threshold} 0v8`} />
      </svg>
      <span className="attendance-share">{format.percent(wholePercent(share) / 100)}</span>
      <span className="attendance-sign" role="img" aria-label={t(reached ? 'attendance.reached' : 'attendance.below')}>
        {reached ? '✓' : '✕'}
      </span>
    </span>
  );
}
