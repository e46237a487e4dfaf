import { useWords } from '../../../words/words-context.js';
import { DEFAULT_WEIGHTS, MOST_WEIGHT, PARTS, SCORE_PARTS, type ScorePart, type ScoreRule } from './activity-score.js';

/** How the score is made, in words and as a formula, and the weights to change it by. */
export function ScorePanel({ rule, onChange }: { rule: ScoreRule; onChange: (rule: ScoreRule) => void }) {
  const { t, format } = useWords();
  const sum = PARTS.reduce((total, part) => total + rule.weights[part], 0);
  const fullOf = (part: ScorePart) => {
    if (rule.toBest) return t('score.best');
    const { full, of } = SCORE_PARTS[part];
    return of === 'share' ? t('score.ofTime', { share: format.percent(full) }) : t('score.perHour', { count: full });
  };
  return (
    <div className="score-panel">
      <p>{t('score.text')}</p>
      <p className="formula">
        {t('score.name')} = 100 × (
        {PARTS.map((part, index) => (
          <span key={part}>
            {index > 0 && ' + '}
            <b>{format.number(rule.weights[part])}</b> × min(1, {t(`score.${part}`)} ÷ {fullOf(part)})
          </span>
        ))}
        ) ÷ <b>{format.number(sum)}</b>
      </p>
      <div className="score-weights">
        {PARTS.map((part) => (
          <label key={part} className="field">
            <span className="field-label">{t(`score.${part}`)}</span>
            <input
              className="input"
              type="number"
              min={0}
              max={MOST_WEIGHT}
              value={rule.weights[part]}
              onChange={({ target }) => {
                const weight = Math.min(MOST_WEIGHT, Math.max(0, Number(target.value)));
                onChange({ ...rule, weights: { ...rule.weights, [part]: weight } });
              }}
            />
          </label>
        ))}
      </div>
      <div className="score-more">
        <label className="check">
          <input type="checkbox" checked={rule.toBest} onChange={({ target }) => onChange({ ...rule, toBest: target.checked })} />
          {t('score.toBest')}
        </label>
        <button
          type="button"
          className="button button-small"
          onClick={() => onChange({ weights: DEFAULT_WEIGHTS, toBest: false })}
        >
          {t('score.reset')}
        </button>
      </div>
    </div>
  );
}
