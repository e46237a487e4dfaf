import type { Interval } from '../../../../../src/schemas/timeline.js';

/** Where a moment is drawn. Times in unix ms, widths in px. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** So that what was short is seen. */
const NARROWEST_PX = 1.5;

export function xOf(at: number, { from, to, width }: Scale): number {
  return to <= from ? 0 : ((at - from) / (to - from)) * width;
}

/** One path of a bar for each interval: of many intervals far cheaper than an element each. What goes on ends with the scale. */
export function barsPath(intervals: readonly Interval[], y: number, height: number, scale: Scale): string {
  return intervals
    .map(([start, end]) => {
      const x = clamp(xOf(start, scale), scale.width);
      const width = Math.max(NARROWEST_PX, clamp(xOf(end ?? scale.to, scale), scale.width) - x);
      return `M${round(x)} ${y}h${round(width)}v${height}h${round(-width)}z`;
    })
    .join('');
}

/** One path of a small form for each mark: told apart by its form, not by colour alone. */
export function marksPath(times: readonly number[], form: keyof typeof FORMS, y: number, scale: Scale): string {
  return times.map((at) => `M${round(xOf(at, scale))} ${y}${FORMS[form]}`).join('');
}

/** Around a middle, 7 px high. */
const FORMS = {
  square: 'm-3 -3h6v6h-6z',
  circle: 'm-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z',
  triangle: 'm0 -4l4 7h-8z',
  diamond: 'm0 -4l4 4l-4 4l-4 -4z',
} as const;

export type Form = keyof typeof FORMS;

const MINUTE_MS = 60_000;
const STEPS_MS = [
  1_000,
  5_000,
  10_000,
  30_000,
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * MINUTE_MS),
];
/** So that the times do not touch. */
const NEAREST_PX = 72;

/** Full times of the reader's zone to label an axis with, and the step between them (ms). */
export function axisTimes(scale: Scale): { readonly step: number; readonly times: readonly number[] } {
  const { from, to, width } = scale;
  const most = Math.max(1, Math.floor(width / NEAREST_PX));
  const step = STEPS_MS.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / MINUTE_MS) * MINUTE_MS;
  const offset = new Date(from).getTimezoneOffset() * MINUTE_MS;
  const first = Math.ceil((from - offset) / step) * step + offset;
  const times: number[] = [];
  for (let at = first; at <= to; at += step) times.push(at);
  return { step, times };
}

function clamp(x: number, width: number): number {
  return Math.min(width, Math.max(0, x));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
