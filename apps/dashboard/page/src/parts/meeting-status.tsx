import type { Meeting } from '../../../src/schemas/meetings.js';
import { useWords } from '../words/words-context.js';

/** Whether a meeting goes on, in a word and a colour. */
export function MeetingStatus({ meeting }: { meeting: Pick<Meeting, 'running' | 'status'> }) {
  const { t } = useWords();
  if (meeting.running) return <span className="tag tag-live">{t('meeting.running')}</span>;
  return <span className="tag">{meeting.status === 'ended' ? t('meeting.ended') : meeting.status}</span>;
}
