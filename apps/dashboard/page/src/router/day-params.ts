const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The days that the page takes: a time of the API has four digits of a year, also at the end of the last day. */
export const FIRST_DAY = '1970-01-01';
export const LAST_DAY = '9998-12-31';

/** Times as ISO texts, the second one no more part of it. */
export interface Period {
  readonly from?: string;
  readonly to?: string;
}

/** What `from` and `to` of an address tell: days of the reader's zone, both included. What is no day is passed over. */
export function periodOfAddress(params: URLSearchParams): Period {
  const from = dayStart(params.get('from'), 0);
  const to = dayStart(params.get('to'), 1);
  return { ...(from !== null && { from }), ...(to !== null && { to }) };
}

/** When a day of the reader's zone begins, or the day that is `later` days after it. */
function dayStart(day: string | null, later: number): string | null {
  const parts = DAY.exec(day ?? '');
  if (day === null || parts === null || day < FIRST_DAY || day > LAST_DAY) return null;
  const [year = 0, month = 0, date = 0] = parts.slice(1).map(Number);
  const isDay = new Date(year, month - 1, date).getDate() === date && month >= 1 && month <= 12;
  return isDay ? new Date(year, month - 1, date + later).toISOString() : null;
}
