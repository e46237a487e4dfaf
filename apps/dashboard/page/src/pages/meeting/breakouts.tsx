import type { Meeting } from '../../../../src/schemas/meetings.js';
import { MeetingStatus } from '../../parts/meeting-status.js';
import { Section } from '../../parts/section.js';
import { Ticking } from '../../parts/ticking.js';
import { Link } from '../../router/link.js';
import { useWords } from '../../words/words-context.js';

/** The breakout rooms of a meeting. `readAt`: when they were read, unix ms of this browser. */
export function Breakouts({ rooms, readAt }: { rooms: readonly Meeting[]; readAt: number }) {
  const { t } = useWords();
  return (
    <Section title={t('breakouts.title')}>
      <ul className="running">
        {rooms.map((room) => (
          <li key={room.id}>
            <Link className={room.running ? 'running-card' : 'running-card running-over'} to={`meetings/${room.id}`}>
              <span className="running-title">
                {room.title} <MeetingStatus meeting={room} />
              </span>
              <span className="running-times">
                {t('breakouts.people', { count: room.participants })} ·{' '}
                <Ticking seconds={room.durationSeconds} readAt={readAt} running={room.running} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
