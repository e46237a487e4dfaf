import { sameDay } from '../../../words/formats.js';
import { useWords } from '../../../words/words-context.js';
import { axisTimes, type Scale, xOf } from './timeline-shapes.js';

const HEIGHT_PX = 28;

/** The times above the rows. */
export function TimelineAxis({ scale }: { scale: Scale }) {
  const { format } = useWords();
  const { step, times } = axisTimes(scale);
  /** The first time of a day is written with it; midnight is the day. */
  const write = (at: number, before: number) => {
    if (step < 60_000) return format.timeWithSeconds(at);
    if (sameDay(before, at)) return format.time(at);
    return isMidnight(at) ? format.dayOfMonth(at) : format.timeSince(before, at);
  };
  return (
    <svg className="timeline-axis" width={scale.width} height={HEIGHT_PX} aria-hidden="true">
      {times.map((at, index) => {
        const x = xOf(at, scale);
        // The last one would be cut off by the frame.
        if (x > scale.width - 20) return <path key={at} d={`M${x} 22v6`} />;
        return (
          <g key={at}>
            <path d={`M${x} 22v6`} />
            <text x={x} y={16} textAnchor={x < 24 ? 'start' : 'middle'}>
              {write(at, times[index - 1] ?? scale.from)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function isMidnight(at: number): boolean {
  const time = new Date(at);
  return time.getHours() === 0 && time.getMinutes() === 0;
}
