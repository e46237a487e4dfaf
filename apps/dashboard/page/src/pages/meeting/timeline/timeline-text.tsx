import type { Interval, TimelineRow } from '../../../../../src/schemas/timeline.js';
import { useWords } from '../../../words/words-context.js';

/** What the chart shows of a person, as text. */
export function TimelineText({ row, beganAt }: { row: TimelineRow; beganAt: string }) {
  const { t, format } = useWords();
  const write = (at: number) => format.timeWithSecondsSince(beganAt, at);
  const spansOf = (intervals: readonly Interval[]) =>
    intervals.map(([start, end]) => `${write(start)} – ${end === null ? t('timeline.now') : write(end)}`);
  const timesOf = (marks: readonly number[]) => marks.map(write);
  const lines = [
    { name: t('timeline.presence'), told: spansOf(row.presence) },
    { name: t('timeline.talk'), told: spansOf(row.talk) },
    { name: t('timeline.microphone'), told: spansOf(row.microphone) },
    { name: t('timeline.camera'), told: spansOf(row.camera) },
    { name: t('timeline.screenshare'), told: spansOf(row.screenshare) },
    { name: t('timeline.messages'), told: timesOf(row.messages) },
    { name: t('timeline.reactions'), told: row.reactions.map(({ at, emoji }) => `${emoji} ${write(at)}`) },
    { name: t('timeline.hands'), told: timesOf(row.hands) },
    { name: t('timeline.polls'), told: timesOf(row.pollAnswers) },
  ].filter(({ told }) => told.length > 0);
  if (lines.length === 0) return <p>{t('timeline.nothing')}</p>;
  return (
    <dl className="timeline-text">
      {lines.map(({ name, told }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{told.join(' · ')}</dd>
        </div>
      ))}
    </dl>
  );
}
