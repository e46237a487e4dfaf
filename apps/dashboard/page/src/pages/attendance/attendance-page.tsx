import '../../styles/attendance.css';
import { useQuery } from '@tanstack/react-query';
import { type AttendanceOf, attendanceQuery } from '../../api/attendance-api.js';
import { exportAddress } from '../../api/meetings-api.js';
import { useLive } from '../../live/use-live.js';
import { ExportMenu } from '../../parts/export-menu.js';
import { Field } from '../../parts/field.js';
import { LiveBadge } from '../../parts/live-badge.js';
import { EmptyState, Loaded } from '../../parts/states.js';
import { setSearchParams, useSearchParams } from '../../router/search-params.js';
import { useTitle } from '../../shell/use-title.js';
import { useWords } from '../../words/words-context.js';
import { PersonTable } from './person-table.js';
import { RoomTable } from './room-table.js';
import { RosterPanel } from './roster-panel.js';

/** "Present for 85 % of the time" is a rule of many schools. */
const USUAL_PERCENT = 85;

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
  const { t } = useWords();
  const params = useSearchParams();
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? ''];
  const percent = Number(params.get('attended') ?? USUAL_PERCENT);
  const live = useLive(null);
  const period = {
    ...(from === '' ? {} : { from: new Date(`${from}T00:00:00`).toISOString() }),
    // The day itself belongs to it.
    ...(to === '' ? {} : { to: new Date(`${to}T24:00:00`).toISOString() }),
  };
  const query = useQuery(attendanceQuery({ ...of, ...period }));
  const { accessUrlId, remoteId } = of;
  const isRoom = remoteId !== undefined;
  const name = query.data?.title ?? of.remoteId ?? of.person ?? '';
  const title = isRoom ? t('rooms.ofRoom', { title: name }) : t('rooms.ofPerson', { name });
  useTitle(title);
  return (
    <>
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
        {(['from', 'to'] as const).map((end) => (
          <Field key={end} label={t(`filters.${end}`)}>
            <input
              className="input"
              type="date"
              value={params.get(end) ?? ''}
              onChange={({ target }) => setSearchParams({ [end]: target.value })}
            />
          </Field>
        ))}
        <Field label={`${t('rooms.threshold')} ${percent} %`}>
          <input
            type="range"
            min={0}
            max={100}
            step={5}
            value={percent}
            onChange={({ target }) => setSearchParams({ attended: target.value })}
          />
        </Field>
      </search>
      <Loaded query={query} lines={6}>
        {(data) => (
          <>
            {data.truncated && <p className="note note-warn">{t('rooms.truncated')}</p>}
            {data.meetings.length === 0 && <EmptyState title={t(isRoom ? 'rooms.none' : 'rooms.nonePerson')} />}
            {data.meetings.length > 0 && isRoom && <RoomTable of={data} accessUrlId={of.accessUrlId} threshold={percent / 100} />}
            {data.meetings.length > 0 && !isRoom && <PersonTable of={data} threshold={percent / 100} />}
          </>
        )}
      </Loaded>
    </>
  );
}
