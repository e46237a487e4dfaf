import { useQuery } from '@tanstack/react-query';
import type { MeetingDetail } from '../../../../../src/schemas/meetings.js';
import { timelineQuery } from '../../../api/meetings-api.js';
import { Dialog } from '../../../parts/dialog.js';
import { Loaded } from '../../../parts/states.js';
import { Link } from '../../../router/link.js';
import { rightsOf, useSession } from '../../../shell/session-context.js';
import { clock } from '../../../words/formats.js';
import { useWords } from '../../../words/words-context.js';
import { TimelineText } from '../timeline/timeline-text.js';
import { type CellPlace, PERSON_COLUMNS } from './people-columns.js';
import type { PersonRow } from './person-rows.js';
import { Reactions } from './reactions.js';

interface PersonDialogProps {
  readonly meeting: MeetingDetail;
  readonly row: PersonRow;
  readonly place: CellPlace;
  readonly onClose: () => void;
}

/** All about one person: the numbers, each stay, and what happened when, as text. */
export function PersonDialog({ meeting, row, place, onClose }: PersonDialogProps) {
  const { t, format } = useWords();
  const timeline = useQuery(timelineQuery(meeting.id));
  const rights = rightsOf(useSession());
  return (
    <Dialog title={row.shown} onClose={onClose}>
      <p className="page-sub">
        {t('person.id')} <code>{row.externalUserId}</code>
        {rights.reader && (
          <>
            {' · '}
            <Link to={`people/${meeting.accessUrlId}/${encodeURIComponent(row.externalUserId)}`}>{t('person.allMeetings')}</Link>
          </>
        )}
      </p>
      <dl className="facts">
        {PERSON_COLUMNS.map(({ key, label, cell }) => (
          <div key={key}>
            <dt>{t(label)}</dt>
            <dd>
              {key === 'reactions' ? (
                <Reactions count={row.reactions} breakdown={row.reactionsBreakdown} all />
              ) : (
                cell(row, place)
              )}
            </dd>
          </div>
        ))}
        {row.screenshareSeconds > 0 && (
          <div>
            <dt>{t('person.screenshare')}</dt>
            <dd>{clock(row.screenshareSeconds)}</dd>
          </div>
        )}
        {row.pollAnswers > 0 && (
          <div>
            <dt>{t('person.polls')}</dt>
            <dd>{format.number(row.pollAnswers)}</dd>
          </div>
        )}
      </dl>
      <h3>{t('person.stays')}</h3>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('person.joined')}</th>
            <th scope="col">{t('person.left')}</th>
            <th scope="col" className="numeric">
              {t('person.online')}
            </th>
            <th scope="col">{t('person.endedBy')}</th>
          </tr>
        </thead>
        <tbody>
          {row.sessionTimes.map(({ inAt, outAt, closedBy, onlineSeconds }) => (
            <tr key={inAt}>
              <td>{format.timeWithSecondsSince(place.beganAt, inAt)}</td>
              <td>{outAt === null ? t('person.inside') : format.timeWithSecondsSince(place.beganAt, outAt)}</td>
              <td className="numeric">{clock(onlineSeconds)}</td>
              <td>{closedBy === null ? '–' : t(`closedBy.${closedBy}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{t('timeline.title')}</h3>
      <Loaded query={timeline}>
        {({ items }) => {
          const own = items.find(({ externalUserId }) => externalUserId === row.externalUserId);
          return own === undefined ? <p>{t('timeline.nothing')}</p> : <TimelineText row={own} beganAt={place.beganAt} />;
        }}
      </Loaded>
    </Dialog>
  );
}
