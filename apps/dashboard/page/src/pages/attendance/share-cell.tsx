import { useWords } from '../../words/words-context.js';
import { reaches, wholePercent } from '../attendance-rule.js';

/** A share as a bar and a number; whether it reaches the threshold (per cent) is told by more than the colour. Null: absent. */
export function ShareCell({ share, threshold }: { share: number | null; threshold: number }) {
  const { t, format } = useWords();
  if (share === null) return <span className="tag tag-bad">{t('rooms.absent')}</span>;
  const enough = reaches(share, threshold);
  return (
    <span className={enough ? 'share share-enough' : 'share'}>
      <span className="share-track" aria-hidden="true">
        <span style={{ width: `${wholePercent(share)}%` }} />
      </span>
      <span className="share-number">{format.percent(wholePercent(share) / 100)}</span>
      <span aria-hidden="true">{enough ? '✓' : ''}</span>
      <span className="hidden">{t(enough ? 'rooms.enough' : 'rooms.notEnough')}</span>
    </span>
  );
}
