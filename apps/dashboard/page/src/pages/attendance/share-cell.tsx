import { useWords } from '../../words/words-context.js';

/** A share as a bar and a number; whether it is enough is told by more than the colour. Null: absent. */
export function ShareCell({ share, threshold }: { share: number | null; threshold: number }) {
  const { t, format } = useWords();
  if (share === null) return <span className="tag tag-bad">{t('rooms.absent')}</span>;
  const enough = share >= threshold;
  return (
    <span className={enough ? 'share share-enough' : 'share'}>
      <span className="share-track" aria-hidden="true">
        <span style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      <span className="share-number">{format.percent(share < 1 ? Math.min(0.99, share) : 1)}</span>
      <span aria-hidden="true">{enough ? '✓' : ''}</span>
      <span className="hidden">{t(enough ? 'rooms.enough' : 'rooms.notEnough')}</span>
    </span>
  );
}
