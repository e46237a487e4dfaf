/** "Present for 85 % of the time" is a rule of many schools. Per cent. */
const USUAL_THRESHOLD = 85;

/** What the address tells under a name: per cent of a meeting from which on somebody counts as present. */
export function thresholdOf(params: URLSearchParams, name: string): number {
  const told = params.get(name);
  const percent = told === null || told === '' ? USUAL_THRESHOLD : Number(told);
  return Number.isInteger(percent) && percent >= 0 && percent <= 100 ? percent : USUAL_THRESHOLD;
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
