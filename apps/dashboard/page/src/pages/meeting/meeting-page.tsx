import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { meetingQuery, participantsQuery } from '../../api/meetings-api.js';
import { WhileLive } from '../../live/standing-still.js';
import { useLive } from '../../live/use-live.js';
import { Loaded } from '../../parts/states.js';
import { Link } from '../../router/link.js';
import { useAddresses, useSearchParams } from '../../router/search-params.js';
import { useTitle } from '../../shell/use-title.js';
import type { PlainWord } from '../../words/catalogue.js';
import { useWords } from '../../words/words-context.js';
import { Breakouts } from './breakouts.js';
import { MeetingHead } from './meeting-head.js';
import { MeetingTotals } from './meeting-totals.js';
import { PeopleView } from './people/people-view.js';
import { PrintView } from './print-view.js';
import { TalkShare } from './talk-share.js';
import { TimelineView } from './timeline/timeline-view.js';

const VIEWS = ['people', 'timeline', 'talk'] as const;
type View = (typeof VIEWS)[number];
const VIEW_WORDS: Readonly<Record<View, PlainWord>> = {
  people: 'people.title',
  timeline: 'timeline.title',
  talk: 'talkShare.title',
};

/** What happened in one meeting, while it goes on and afterwards. */
export function MeetingPage({ values }: { values: Readonly<Record<string, string>> }) {
  const id = values['id'] ?? '';
  const live = useLive(id);
  const meeting = useQuery(meetingQuery(id));
  const people = useQuery(participantsQuery(id));
  const params = useSearchParams();
  useTitle(meeting.data?.title ?? '');
  const view = VIEWS.find((one) => one === params.get('view')) ?? 'people';
  const running = meeting.data?.running ?? false;
  const durationSeconds = people.data?.durationSeconds ?? 0;
  const time = useMemo(
    () => ({ durationSeconds, running, readAt: people.dataUpdatedAt }),
    [durationSeconds, running, people.dataUpdatedAt],
  );
  return (
    <WhileLive state={live}>
      <Loaded query={meeting} lines={8}>
        {(detail) =>
          params.get('view') === 'print' ? (
            <Loaded query={people} lines={8}>
              {(told) => <PrintView meeting={detail} people={told} />}
            </Loaded>
          ) : (
            <>
              <MeetingHead meeting={detail} live={live} readAt={meeting.dataUpdatedAt} />
              <MeetingTotals meeting={detail} people={people.data} readAt={meeting.dataUpdatedAt} />
              {detail.breakouts.length > 0 && <Breakouts rooms={detail.breakouts} readAt={meeting.dataUpdatedAt} />}
              <Tabs id={id} view={view} />
              <Loaded query={people} lines={8}>
                {(told) => {
                  if (view === 'timeline') return <TimelineView id={id} people={told.items} />;
                  if (view === 'talk') return <TalkShare people={told} />;
                  return <PeopleView meeting={detail} people={told} time={time} />;
                }}
              </Loaded>
            </>
          )
        }
      </Loaded>
    </WhileLive>
  );
}

/** Each view has an address of its own, so that it can be linked to; what was searched and sorted stays. */
function Tabs({ id, view }: { id: string; view: View }) {
  const { t } = useWords();
  const addressOf = useAddresses(`meetings/${id}`);
  return (
    <nav className="tabs" aria-label={t('meeting.views')}>
      {VIEWS.map((one) => (
        <Link key={one} to={addressOf({ view: one })} aria-current={one === view ? 'true' : undefined}>
          {t(VIEW_WORDS[one])}
        </Link>
      ))}
    </nav>
  );
}
