import '../../styles/attendance.css';
import { useQuery } from '@tanstack/react-query';
import { type AttendanceOf, attendanceQuery } from '../../api/attendance-api.js';
import { exportAddress } from '../../api/meetings-api.js';
import { WhileLive } from '../../live/standing-still.js';
import { useLive } from '../../live/use-live.js';
import { DayInput } from '../../parts/day-input.js';
import { ExportMenu } from '../../parts/export-menu.js';
import { Field } from '../../parts/field.js';
import { LiveBadge } from '../../parts/live-badge.js';
import { EmptyState, Loaded } from '../../parts/states.js';
import { Way } from '../../parts/way.js';
import { periodOfAddress } from '../../router/day-params.js';
import { setSearchParams, useSearchParams } from '../../router/search-params.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';
import { thresholdOf } from '../attendance-rule.js';
import { PersonSums } from './person-sums.js';
import { PersonTable } from './person-table.js';
import { RoomTable } from './room-table.js';
import { RosterPanel } from './roster-panel.js';

interface PageProps {
  readonly values: Readonly<Record<string, string>>;
}

/** Who was in which meeting of a room, and who is expected there. */
export function RoomPage({ values }: PageProps) {
  const accessUrlId = Number(values['accessUrlId']);
  const remoteId = values['remoteId'] ?? '';
  return (
    <>
      <Attendance of={{ accessUrlId, remoteId }} />
      <RosterPanel accessUrlId={accessUrlId} remoteId={remoteId} />
    </>
  );
}

/** In which meetings a person was. */
export function PersonPage({ values }: PageProps) {
  return <Attendance of={{ accessUrlId: Number(values['accessUrlId']), person: values['personKey'] ?? '' }} />;
}

function Attendance({ of }: { of: AttendanceOf }) {
  const { t, format } = useWords();
  const params = useSearchParams();
  const threshold = thresholdOf(params, 'attended');
  const period = periodOfAddress(params);
  const live = useLive(null);
  const query = useQuery(attendanceQuery({ ...of, ...period }));
  const { accessUrlId, remoteId } = of;
  const isRoom = remoteId !== undefined;
  const name = query.data?.title ?? of.remoteId ?? of.person ?? '';
  const title = isRoom ? t('rooms.ofRoom', { title: name }) : t('rooms.ofPerson', { name });
  useTitle(title);
  return (
    <WhileLive state={live}>
      <Way />
      <div className="page-head">
        <h1 className="page-title">{title}</h1>
        <LiveBadge state={live} />
        {isRoom && (
          <div className="page-actions">
            <ExportMenu addressOf={(wanted) => exportAddress({ ...period, accessUrlId, remoteId, ...wanted })} />
          </div>
        )}
        <p className="page-sub">{t('rooms.help')}</p>
      </div>
      <search className="filters" aria-label={t('filters.label')}>
        <DayInput end="from" />
        <DayInput end="to" />
        <Field label={`${t('rooms.threshold')} ${format.percent(threshold / 100)}`}>
          <input
            type="range"
            min={0}
            max={100}
            step={5}
            value={threshold}
            onChange={({ target }) => setSearchParams({ attended: target.value })}
          />
        </Field>
      </search>
      <Loaded query={query} lines={6}>
        {(data) => (
          <>
            {data.truncated && <p className="note note-warn">{t('rooms.truncated')}</p>}
            {data.meetings.length === 0 && <EmptyState title={t(isRoom ? 'rooms.none' : 'rooms.nonePerson')} />}
            {data.meetings.length > 0 && isRoom && <RoomTable of={data} accessUrlId={of.accessUrlId} threshold={threshold} />}
            {data.meetings.length > 0 && !isRoom && (
              <>
                <PersonSums of={data} threshold={threshold} />
                <PersonTable of={data} threshold={threshold} />
              </>
            )}
          </>
        )}
      </Loaded>
    </WhileLive>
  );
}
