import { useState } from 'react';
import { DEFAULT_WEIGHTS, MOST_WEIGHT, PARTS, type ScoreRule, type Weights } from './activity-score.js';

const KEPT = 'bbb-activity.score';

/** The reader's own rule, kept for this browser. */
export function useScoreRule(): readonly [ScoreRule, (rule: ScoreRule) => void] {
  const [rule, setRule] = useState(keptRule);
  return [
    rule,
    (next) => {
      localStorage.setItem(KEPT, JSON.stringify(next));
      setRule(next);
    },
  ];
}

function keptRule(): ScoreRule {
  const kept = parsed(localStorage.getItem(KEPT));
  const told = isRecord(kept) && isRecord(kept['weights']) ? kept['weights'] : {};
  const weightOf = (part: (typeof PARTS)[number]) => {
    const weight = told[part];
    return typeof weight === 'number' && weight >= 0 && weight <= MOST_WEIGHT ? weight : DEFAULT_WEIGHTS[part];
  };
  const weights = Object.fromEntries(PARTS.map((part) => [part, weightOf(part)])) as Weights;
  return { weights, toBest: isRecord(kept) && kept['toBest'] === true };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    // Not what this page wrote: as if nothing were kept.
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
