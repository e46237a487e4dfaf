/** From a time to a later one; Infinity where it does not end. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The stretches in order of time, overlapping and touching ones made one. */
export function union(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const next of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || next.from > last.to) merged.push({ from: next.from, to: next.to });
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
  }
  return merged;
}

/** Whether a time lies in a stretch, its two ends included. */
export function covers({ from, to }: Stretch, at: number): boolean {
  return from <= at && at <= to;
}
