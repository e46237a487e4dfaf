import { useDeferredValue, useMemo, useState } from 'react';
import type { MeetingDetail } from '../../../../../src/schemas/meetings.js';
import type { Participants } from '../../../../../src/schemas/participants.js';
import { Help } from '../../../parts/help.js';
import type { Sorting } from '../../../parts/sort-head.js';
import { EmptyState } from '../../../parts/states.js';
import { PHONE, useMedia } from '../../../parts/use-media.js';
import { setSearchParams, useSearchParams } from '../../../router/search-params.js';
import { useWords } from '../../../words/words-context.js';
import { reaches, shareOf, thresholdOf } from '../../attendance-rule.js';
import { activityScores } from '../score/activity-score.js';
import { useScoreRule } from '../score/kept-rule.js';
import { ScorePanel } from '../score/score-panel.js';
import { Absentees } from './absentees.js';
import type { MeetingTime } from './attendance.js';
import { PeopleCards } from './people-cards.js';
import { PERSON_COLUMNS, SCORE_COLUMN } from './people-columns.js';
import { PeopleTable } from './people-table.js';
import { PersonSearch, personSortingOf } from './person-choice.js';
import { PersonDialog } from './person-dialog.js';
import { foundPeople, type PersonRow, type PersonSort, personRows, sortedPeople } from './person-rows.js';

interface PeopleViewProps {
  readonly meeting: MeetingDetail;
  readonly people: Participants;
  readonly time: MeetingTime;
}

/** What each person did: searched, sorted, with a threshold of attendance and, if wanted, a score. */
export function PeopleView({ meeting, people, time }: PeopleViewProps) {
  const { t, format } = useWords();
  const params = useSearchParams();
  const [open, setOpen] = useState<string | null>(null);
  const [rule, setRule] = useScoreRule();
  const phone = useMedia(PHONE);
  const sought = useDeferredValue(params.get('q') ?? '');
  const scored = params.get('score') === 'yes';
  const sorting = personSortingOf(params, scored);
  const threshold = thresholdOf(params, 'threshold');

  const rows = useMemo((): readonly PersonRow[] => {
    const scores = scored ? activityScores(people.items, people.durationSeconds, rule) : [];
    return personRows(people.items, scores);
  }, [people, scored, rule]);
  const { by, order } = sorting;
  const shown = useMemo(() => sortedPeople(foundPeople(rows, sought), { by, order }), [rows, sought, by, order]);
  const place = useMemo(
    () => ({ time, beganAt: meeting.createdAt, threshold, t, format }),
    [time, meeting.createdAt, threshold, t, format],
  );
  const columns = useMemo(() => (scored ? [SCORE_COLUMN, ...PERSON_COLUMNS] : PERSON_COLUMNS), [scored]);
  const onSort = (next: Sorting<PersonSort>) => setSearchParams({ sort: next.by, order: next.order });
  const opened = rows.find(({ externalUserId }) => externalUserId === open);
  const table = { rows: shown, columns, place, sorting, onSort, onOpen: setOpen };

  return (
    <>
      <div className="filters">
        <PersonSearch />
        <div className="field threshold">
          <span className="field-label head">
            <label htmlFor="threshold">{t('attendance.threshold', { share: format.percent(threshold / 100) })}</label>
            <Help about={t('attendance.name')}>{t('attendance.help')}</Help>
          </span>
          <input
            id="threshold"
            type="range"
            min={0}
            max={100}
            step={5}
            value={threshold}
            onChange={({ target }) => setSearchParams({ threshold: target.value })}
          />
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={scored}
            onChange={({ target }) => setSearchParams({ score: target.checked ? 'yes' : null })}
          />
          {t('score.show')}
        </label>
      </div>
      {scored && <ScorePanel rule={rule} onChange={setRule} />}
      <p className="count" aria-live="polite">
        {t('people.shown', { count: shown.length })}
        {' · '}
        {t('attendance.count', { count: countReached(people, threshold), share: format.percent(threshold / 100) })}
      </p>
      {shown.length === 0 ? (
        <EmptyState title={t(rows.length === 0 ? 'people.none' : 'people.noneFound')} />
      ) : phone ? (
        <PeopleCards {...table} />
      ) : (
        <PeopleTable {...table} />
      )}
      <Absentees absentees={people.absentees} />
      {opened !== undefined && <PersonDialog meeting={meeting} row={opened} place={place} onClose={() => setOpen(null)} />}
    </>
  );
}

function countReached({ items, durationSeconds }: Participants, threshold: number): number {
  return items.filter(({ onlineSeconds }) => reaches(shareOf(onlineSeconds, durationSeconds), threshold)).length;
}
