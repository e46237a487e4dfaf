import type { Meeting } from '../../../../src/schemas/meetings.js';
import { MeetingStatus } from '../../parts/meeting-status.js';
import { Section } from '../../parts/section.js';
import { Ticking } from '../../parts/ticking.js';
import { Link } from '../../router/link.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import { useWords } from '../../words/words-context.js';

/** The breakout rooms of a meeting; who came by a link to that meeting cannot open them. `readAt`: when they were read, unix ms of this browser. */
export function Breakouts({ rooms, readAt }: { rooms: readonly Meeting[]; readAt: number }) {
  const { t } = useWords();
  const { reader } = rightsOf(useSession());
  return (
    <Section title={t('breakouts.title')}>
      <ul className="running">
        {rooms.map((room) => (
          <li key={room.id}>
            {reader ? (
              <Link className={classOf(room)} to={`meetings/${room.id}`}>
                <Room room={room} readAt={readAt} />
              </Link>
            ) : (
              <div className={classOf(room)}>
                <Room room={room} readAt={readAt} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function classOf({ running }: Meeting): string {
  return running ? 'running-card' : 'running-card running-over';
}

function Room({ room, readAt }: { room: Meeting; readAt: number }) {
  const { t } = useWords();
  return (
    <>
      <span className="running-title">
        {room.title} <MeetingStatus meeting={room} />
      </span>
      <span className="running-times">
        {t('breakouts.people', { count: room.participants })} ·{' '}
        <Ticking seconds={room.durationSeconds} readAt={readAt} running={room.running} />
      </span>
    </>
  );
}
