import type { PlainWord } from '../../../words/catalogue.js';
import { useWords } from '../../../words/words-context.js';
import { type Form, marksPath } from './timeline-shapes.js';

const BARS: readonly (readonly [string, PlainWord])[] = [
  ['presence', 'timeline.presence'],
  ['talk', 'timeline.talk'],
  ['microphone', 'timeline.microphone'],
  ['camera', 'timeline.camera'],
  ['screenshare', 'timeline.screenshare'],
];
const MARKS: readonly (readonly [string, Form, PlainWord])[] = [
  ['message', 'square', 'timeline.messages'],
  ['reaction', 'circle', 'timeline.reactions'],
  ['hand', 'triangle', 'timeline.hands'],
  ['poll', 'diamond', 'timeline.polls'],
];

export function TimelineLegend() {
  const { t } = useWords();
  return (
    <ul className="legend">
      {BARS.map(([name, word]) => (
        <li key={name}>
          <svg width="22" height="12" aria-hidden="true">
            <path className={`shape-${name}`} d={name === 'presence' ? 'M.5 .5h21v11h-21z' : 'M0 2h22v8h-22z'} />
          </svg>
          {t(word)}
        </li>
      ))}
      {MARKS.map(([name, form, word]) => (
        <li key={name}>
          <svg width="12" height="12" aria-hidden="true">
            <path className={`shape-${name}`} d={marksPath([6], form, 6, { from: 0, to: 12, width: 12 })} />
          </svg>
          {t(word)}
        </li>
      ))}
    </ul>
  );
}
