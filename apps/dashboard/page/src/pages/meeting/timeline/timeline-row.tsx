import { memo } from 'react';
import type { TimelineRow } from '../../../../../src/schemas/timeline.js';
import { useWords } from '../../../words/words-context.js';
import { barsPath, marksPath, type Scale } from './timeline-shapes.js';

export const ROW_PX = 52;

/** The lanes of a row, from its top. */
const LANES = { presence: [3, 46], talk: [8, 9], camera: [20, 6], screenshare: [29, 4] } as const;
const MARKS_Y = 41;

/** What one person did when, drawn; the same as text for who does not see it. */
export const TimelineChart = memo(function TimelineChart({ row, scale }: { row: TimelineRow; scale: Scale }) {
  const { t } = useWords();
  const bars = (lane: keyof typeof LANES, intervals: TimelineRow['talk']) =>
    barsPath(intervals, LANES[lane][0], LANES[lane][1], scale);
  return (
    <svg
      className="timeline-chart"
      width={scale.width}
      height={ROW_PX}
      viewBox={`0 0 ${scale.width} ${ROW_PX}`}
      role="img"
      aria-label={t('timeline.summary', {
        talk: row.talk.length + row.microphone.length,
        camera: row.camera.length,
        messages: row.messages.length,
        reactions: row.reactions.length,
        hands: row.hands.length,
      })}
    >
      <path className="shape-presence" d={bars('presence', row.presence)} />
      <path className="shape-microphone" d={bars('talk', row.microphone)} />
      <path className="shape-talk" d={bars('talk', row.talk)} />
      <path className="shape-camera" d={bars('camera', row.camera)} />
      <path className="shape-screenshare" d={bars('screenshare', row.screenshare)} />
      <path className="shape-message" d={marksPath(row.messages, 'square', MARKS_Y, scale)} />
      <path
        className="shape-reaction"
        d={marksPath(
          row.reactions.map(({ at }) => at),
          'circle',
          MARKS_Y,
          scale,
        )}
      />
      <path className="shape-hand" d={marksPath(row.hands, 'triangle', MARKS_Y, scale)} />
      <path className="shape-poll" d={marksPath(row.pollAnswers, 'diamond', MARKS_Y, scale)} />
    </svg>
  );
});
