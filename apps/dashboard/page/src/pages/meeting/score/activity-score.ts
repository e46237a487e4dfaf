import type { Participant } from '../../../../../src/schemas/participants.js';

/**
 * What the score is made of, each with what counts as all of it. `share`: as a part of the meeting's time; `perHour`: so many in an hour of the
 * meeting. They are fixed amounts, so that a score means the same in every group.
 */
export const SCORE_PARTS = {
  attendance: { full: 1, of: 'share', weight: 40 },
  talk: { full: 0.1, of: 'share', weight: 20 },
  camera: { full: 0.5, of: 'share', weight: 10 },
  messages: { full: 6, of: 'perHour', weight: 15 },
  reactions: { full: 6, of: 'perHour', weight: 10 },
  hands: { full: 2, of: 'perHour', weight: 5 },
} as const;

export type ScorePart = keyof typeof SCORE_PARTS;
export type Weights = Readonly<Record<ScorePart, number>>;

export const PARTS = Object.keys(SCORE_PARTS) as readonly ScorePart[];
export const DEFAULT_WEIGHTS = Object.fromEntries(PARTS.map((part) => [part, SCORE_PARTS[part].weight])) as Weights;
export const MOST_WEIGHT = 100;

export interface ScoreRule {
  readonly weights: Weights;
  /** Whether the group's best is all of a part, in the place of the fixed amount. */
  readonly toBest: boolean;
}

/** From 0 to 100 for each person, in their order: the weighted mean of how far each part is reached, none more than wholly. */
export function activityScores(
  people: readonly Participant[],
  durationSeconds: number,
  { weights, toBest }: ScoreRule,
): number[] {
  const amounts = people.map((person) => amountsOf(person, durationSeconds));
  const sum = PARTS.reduce((total, part) => total + weights[part], 0);
  const fullOf = (part: ScorePart) => (toBest ? Math.max(0, ...amounts.map((own) => own[part])) : SCORE_PARTS[part].full);
  const full = Object.fromEntries(PARTS.map((part) => [part, fullOf(part)])) as Record<ScorePart, number>;
  return amounts.map((own) => {
    if (sum === 0) return 0;
    const reached = PARTS.reduce(
      (total, part) => total + weights[part] * (full[part] > 0 ? Math.min(1, own[part] / full[part]) : 0),
      0,
    );
    return Math.round((100 * reached) / sum);
  });
}

function amountsOf(person: Participant, durationSeconds: number): Record<ScorePart, number> {
  const seconds = Math.max(1, durationSeconds);
  const hours = seconds / 3_600;
  return {
    attendance: person.onlineShare,
    talk: person.talkSeconds / seconds,
    camera: person.cameraSeconds / seconds,
    messages: person.messages / hours,
    reactions: person.reactions / hours,
    hands: person.hands / hours,
  };
}
