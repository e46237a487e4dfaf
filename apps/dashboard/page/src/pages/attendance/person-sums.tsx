import type { Attendance } from '../../../../src/schemas/attendance.js';
import { Figure, Figures } from '../../parts/figure.js';
import { clock } from '../../words/formats.js';
import { useWords } from '../../words/words-context.js';
import { reaches, wholePercent } from '../attendance-rule.js';
import { shareOfAll, sharesOf } from './attendance-shares.js';

/** What one person's meetings come to. `threshold`: per cent. */
export function PersonSums({ of: { meetings, people }, threshold }: { of: Attendance; threshold: number }) {
  const { t, format } = useWords();
  const [person] = people;
  if (person === undefined) return null;
  const attended = sharesOf(meetings, person.cells).filter((share) => share !== null && reaches(share, threshold)).length;
  return (
    <Figures>
      <Figure
        label={t('rooms.attended')}
        value={`${format.number(attended)} / ${format.number(meetings.length)}`}
        help={t('rooms.attendedHelp')}
      />
      <Figure label={t('rooms.online')} value={clock(person.onlineSeconds)} help={t('rooms.onlineHelp')} />
      <Figure
        label={t('rooms.share')}
        value={format.percent(wholePercent(shareOfAll(meetings, person.onlineSeconds)) / 100)}
        help={t('rooms.shareHelp')}
      />
    </Figures>
  );
}
