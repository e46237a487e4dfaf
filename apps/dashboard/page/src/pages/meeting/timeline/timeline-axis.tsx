import { useWords } from '../../../words/words-context.js';
import { axisTimes, type Scale, xOf } from './timeline-shapes.js';

const HEIGHT_PX = 28;

/** The times above the rows. */
export function TimelineAxis({ scale }: { scale: Scale }) {
  const { format } = useWords();
  const { step, times } = axisTimes(scale);
  const write = step < 60_000 ? format.timeWithSeconds : format.time;
  return (
    <svg className="timeline-axis" width={scale.width} height={HEIGHT_PX} aria-hidden="true">
      {times.map((at) => {
        const x = xOf(at, scale);
        // The last one would be cut off by the frame.
        if (x > scale.width - 20) return <path key={at} d={`M${x} 22v6`} />;
        return (
          <g key={at}>
            <path d={`M${x} 22v6`} />
            <text x={x} y={16} textAnchor={x < 24 ? 'start' : 'middle'}>
              {write(at)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
