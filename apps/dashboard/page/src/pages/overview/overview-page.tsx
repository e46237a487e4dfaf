import { useQuery } from '@tanstack/react-query';
import { kpisQuery, runningMeetingsQuery } from '../../api/meetings-api.js';
import { WhileLive } from '../../live/standing-still.js';
import { useLive } from '../../live/use-live.js';
import { Figure, Figures } from '../../parts/figure.js';
import { LiveBadge } from '../../parts/live-badge.js';
import { Section } from '../../parts/section.js';
import { EmptyState, Loaded } from '../../parts/states.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';
import { MeetingList } from './meeting-list.js';
import { RunningMeeting } from './running-meeting.js';

/** What goes on now, and all meetings. */
export function OverviewPage() {
  const { t, format } = useWords();
  useTitle(t('nav.overview'));
  const live = useLive(null);
  const kpis = useQuery(kpisQuery());
  const running = useQuery(runningMeetingsQuery());
  return (
    <WhileLive state={live}>
      <div className="page-head">
        <h1 className="page-title">{t('nav.overview')}</h1>
        <LiveBadge state={live} />
      </div>
      <Loaded query={kpis} lines={2}>
        {({ activeMeetings, connectedNow, joinsToday, eventsLast24h }) => (
          <Figures>
            <Figure label={t('kpi.active')} value={format.number(activeMeetings)} help={t('kpi.activeHelp')} />
            <Figure label={t('kpi.connected')} value={format.number(connectedNow)} help={t('kpi.connectedHelp')} />
            <Figure label={t('kpi.joins')} value={format.number(joinsToday)} help={t('kpi.joinsHelp')} />
            <Figure label={t('kpi.events')} value={format.number(eventsLast24h)} help={t('kpi.eventsHelp')} />
          </Figures>
        )}
      </Loaded>
      <Section title={t('running.title')}>
        <Loaded query={running} lines={2}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title={t('running.none')} />
            ) : (
              <ul className="running">
                {items.map((meeting) => (
                  <RunningMeeting key={meeting.id} meeting={meeting} readAt={running.dataUpdatedAt} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
      <MeetingList />
    </WhileLive>
  );
}
