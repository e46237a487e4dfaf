import { useQuery } from '@tanstack/react-query';
import { meetingQuery } from '../../api/meetings-api.js';
import { useLive } from '../../live/use-live.js';
import { LiveBadge } from '../../parts/live-badge.js';
import { MeetingStatus } from '../../parts/meeting-status.js';
import { Loaded } from '../../parts/states.js';
import { Ticking } from '../../parts/ticking.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';

/** What happened in one meeting, while it goes on and afterwards. */
export function MeetingPage({ values }: { values: Readonly<Record<string, string>> }) {
  const id = values['id'] ?? '';
  const { format } = useWords();
  const live = useLive(id);
  const meeting = useQuery(meetingQuery(id));
  useTitle(meeting.data?.title ?? '');
  return (
    <Loaded query={meeting} lines={6}>
      {(detail) => (
        <div className="page-head">
          <h1 className="page-title">{detail.title}</h1>
          <MeetingStatus meeting={detail} />
          {detail.running && <LiveBadge state={live} />}
          <p className="page-sub">
            {format.dateTime(detail.createdAt)} ·{' '}
            <Ticking seconds={detail.durationSeconds} readAt={meeting.dataUpdatedAt} running={detail.running} />
          </p>
        </div>
      )}
    </Loaded>
  );
}
