import type { MeetingDetail } from '../../../../src/schemas/meetings.js';
import { meetingExportAddress } from '../../api/meetings-api.js';
import type { LiveState } from '../../live/live-stream.js';
import { ExportMenu } from '../../parts/export-menu.js';
import { Icon } from '../../parts/icon.js';
import { LiveBadge } from '../../parts/live-badge.js';
import { MeetingStatus } from '../../parts/meeting-status.js';
import { Ticking } from '../../parts/ticking.js';
import { Way, WayLink } from '../../parts/way.js';
import { Link } from '../../router/link.js';
import { useAddresses } from '../../router/search-params.js';
import { rightsOf, useSession } from '../../shell/session-context.js';
import { useWords } from '../../words/words-context.js';

/** Which meeting it is, when it was, and what can be taken away. `readAt`: unix ms of this browser. */
export function MeetingHead({ meeting, live, readAt }: { meeting: MeetingDetail; live: LiveState; readAt: number }) {
  const { t, format } = useWords();
  const rights = rightsOf(useSession());
  const addressOf = useAddresses(`meetings/${meeting.id}`);
  const { id, parent, createdAt, closedAt, running, durationSeconds, presumedEnd, remoteId, accessUrlId } = meeting;
  return (
    <>
      {rights.reader && <Way>{parent !== null && <WayLink to={`meetings/${parent.id}`}>{parent.title}</WayLink>}</Way>}
      <div className="page-head">
        <h1 className="page-title">{meeting.title}</h1>
        <MeetingStatus meeting={meeting} />
        {meeting.isBreakout && <span className="tag">{t('meeting.breakout')}</span>}
        {running && <LiveBadge state={live} />}
        <div className="page-actions">
          <ExportMenu addressOf={(query) => meetingExportAddress(id, query)} />
          <Link className="button" to={addressOf({ view: 'print' })}>
            <Icon name="print" />
            {t('print.title')}
          </Link>
        </div>
        <p className="page-sub">
          {closedAt === null ? format.dateTime(createdAt) : format.range(createdAt, closedAt)}
          {' · '}
          <Ticking seconds={durationSeconds} readAt={readAt} running={running} />
          {presumedEnd !== null && ` · ${t(`presumed.${presumedEnd}`)}`}
          {rights.reader && remoteId !== null && (
            <>
              {' · '}
              <Link to={`rooms/${accessUrlId}/${encodeURIComponent(remoteId)}`}>{t('meeting.room')}</Link>
            </>
          )}
        </p>
      </div>
    </>
  );
}
