import type { MeetingDetail } from '../../../../src/schemas/meetings.js';
import type { Participant, Participants } from '../../../../src/schemas/participants.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Icon } from '../../parts/icon.js';
import { Link } from '../../router/link.js';
import { useAddresses, useSearchParams } from '../../router/search-params.js';
import { clock, readersZone } from '../../words/formats.js';
import { useWords } from '../../words/words-context.js';
import { reaches, shareOf, thresholdOf, wholePercent } from '../attendance-rule.js';
import { Absentees } from './people/absentees.js';

/** The meeting on paper: everybody in one table, as they were when it was read. */
export function PrintView({ meeting, people }: { meeting: MeetingDetail; people: Participants }) {
  const { t, format } = useWords();
  const addressOf = useAddresses(`meetings/${meeting.id}`);
  const threshold = thresholdOf(useSearchParams(), 'threshold');
  const columns: readonly Column<Participant>[] = [
    { key: 'name', label: t('person.name'), names: true, cell: ({ name, externalUserId }) => name ?? externalUserId },
    { key: 'id', label: t('person.id'), cell: ({ externalUserId }) => externalUserId },
    {
      key: 'share',
      label: t('person.share'),
      numeric: true,
      cell: ({ onlineSeconds }) => {
        const share = shareOf(onlineSeconds, people.durationSeconds);
        return `${format.percent(wholePercent(share) / 100)} ${reaches(share, threshold) ? '✓' : '✕'}`;
      },
    },
    { key: 'online', label: t('person.online'), numeric: true, cell: ({ onlineSeconds }) => clock(onlineSeconds) },
    { key: 'talk', label: t('person.talk'), numeric: true, cell: ({ talkSeconds }) => clock(talkSeconds) },
    { key: 'camera', label: t('person.camera'), numeric: true, cell: ({ cameraSeconds }) => clock(cameraSeconds) },
    { key: 'messages', label: t('person.messages'), numeric: true, cell: ({ messages }) => format.number(messages) },
    { key: 'reactions', label: t('person.reactions'), numeric: true, cell: ({ reactions }) => format.number(reactions) },
    { key: 'hands', label: t('person.hands'), numeric: true, cell: ({ hands }) => format.number(hands) },
    {
      key: 'joined',
      label: t('person.joined'),
      numeric: true,
      cell: ({ firstJoinedAt }) => (firstJoinedAt === null ? '–' : format.timeSince(meeting.createdAt, firstJoinedAt)),
    },
    {
      key: 'left',
      label: t('person.left'),
      numeric: true,
      cell: ({ lastLeftAt }) => (lastLeftAt === null ? '–' : format.timeSince(meeting.createdAt, lastLeftAt)),
    },
  ];
  return (
    <div className="print">
      <div className="print-actions">
        <Link className="button" to={addressOf({ view: null })}>
          <Icon name="back" />
          {t('print.back')}
        </Link>
        <button type="button" className="button button-primary" onClick={() => print()}>
          <Icon name="print" />
          {t('print.title')}
        </button>
      </div>
      <h1 className="page-title">{meeting.title}</h1>
      <p className="page-sub">
        {meeting.closedAt === null ? format.dateTime(meeting.createdAt) : format.range(meeting.createdAt, meeting.closedAt)} ·{' '}
        {clock(people.durationSeconds)} · {t('people.shown', { count: people.items.length })}
      </p>
      <p className="page-sub">
        {t('print.read', { time: format.dateTime(people.at), zone: readersZone() })} · {t(`talk.${meeting.totals.talkSource}`)} ·{' '}
        {t('print.threshold', { share: format.percent(threshold / 100) })}
      </p>
      <DataTable
        caption={t('people.title')}
        columns={columns}
        rows={people.items}
        keyOf={({ externalUserId }) => externalUserId}
      />
      <Absentees absentees={people.absentees} open />
    </div>
  );
}
