/** "Present for 85 % of the time" is a rule of many schools. Per cent. */
const USUAL_THRESHOLD = 85;

/** What the address tells under a name: per cent of a meeting from which on somebody counts as present. */
export function thresholdOf(params: URLSearchParams, name: string): number {
  const told = params.get(name);
  const percent = told === null || told === '' ? USUAL_THRESHOLD : Number(told);
  return Number.isInteger(percent) && percent >= 0 && percent <= 100 ? percent : USUAL_THRESHOLD;
}

/**
 * The part of a meeting in which somebody was connected, from 0 to 1; of a meeting of no length all of it. The shares that the API tells are rounded to
 * a hundredth of a per cent, so that 0.99999 is 1 there.
 */
export function shareOf(onlineSeconds: number, durationSeconds: number): number {
  return durationSeconds <= 0 ? 1 : Math.min(1, onlineSeconds / durationSeconds);
}

/** So far from a whole per cent a product of binary fractions may be: 0.29 × 100 is a little less than 29. */
const TOLERANCE = 1e-9;

/** Whole per cent of a share from 0 to 1, rounded down: what is shown as 85 % reaches 85 %, and 100 % is all of it. */
export function wholePercent(share: number): number {
  return Math.floor(share * 100 + TOLERANCE);
}

/** Whether a share reaches a threshold in per cent. */
export function reaches(share: number, threshold: number): boolean {
  return wholePercent(share) >= threshold;
}
