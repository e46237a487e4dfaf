import type { LiveState } from '../live/live-stream.js';
import { useWords } from '../words/words-context.js';

/** Whether what is shown changes by itself, or stands still because the connection is away. */
export function LiveBadge({ state }: { state: LiveState }) {
  const { t } = useWords();
  return (
    <span className={`live live-${state}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {t(`live.${state}`)}
    </span>
  );
}
