import { useWords } from '../../../words/words-context.js';

/** Of a cell's one line; what is left out takes the place of one. */
const MOST_IN_A_CELL = 3;

/** How many, and the most frequent emojis with how often each; all of them where `all`. */
export function Reactions({
  count,
  breakdown,
  all,
}: {
  count: number;
  breakdown: Readonly<Record<string, number>>;
  all?: boolean;
}) {
  const { format } = useWords();
  const sorted = Object.entries(breakdown).sort(([, one], [, other]) => other - one);
  const shown = all === true || sorted.length <= MOST_IN_A_CELL ? sorted : sorted.slice(0, MOST_IN_A_CELL - 1);
  if (count === 0) return <span className="none">0</span>;
  return (
    <span className="reactions" title={sorted.map(([emoji, times]) => `${emoji} ${format.number(times)}`).join('  ')}>
      {all !== true && format.number(count)}
      <span className="reactions-list">
        {shown.map(([emoji, times]) => (
          <span key={emoji}>
            {emoji}
            <small>{format.number(times)}</small>
          </span>
        ))}
        {shown.length < sorted.length && <small>+{format.number(sorted.length - shown.length)}</small>}
      </span>
    </span>
  );
}
