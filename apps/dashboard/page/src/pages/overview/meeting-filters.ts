import type { MeetingSort, MeetingsQuery } from '../../../../src/schemas/meetings.js';
import type { Sorting } from '../../parts/sort-head.js';

/** The first order of each sort, as the API has it by default. */
export const FIRST_ORDER = { started: 'desc', title: 'asc', duration: 'desc', participants: 'desc' } as const;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the address tells of the list: `title`, `from` and `to` (days of the reader's zone, both included), `running`, `au`, `room`, `sort`, `order`. */
export function queryOfAddress(params: URLSearchParams): Omit<MeetingsQuery, 'cursor' | 'limit'> {
  const { by, order } = sortingOfAddress(params);
  const title = params.get('title');
  const remoteId = params.get('room');
  const from = dayStart(params.get('from'), 0);
  const to = dayStart(params.get('to'), 1);
  const running = { yes: true, no: false }[params.get('running') ?? ''];
  const accessUrlId = Number(params.get('au'));
  return {
    ...(title !== null && title !== '' && { title: title.slice(0, 255) }),
    ...(remoteId !== null && remoteId !== '' && { remoteId: remoteId.slice(0, 255) }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(running !== undefined && { running }),
    ...(Number.isInteger(accessUrlId) && accessUrlId > 0 && { accessUrlId }),
    sort: by,
    order,
  };
}

export function sortingOfAddress(params: URLSearchParams): Sorting<MeetingSort> {
  const by = (Object.keys(FIRST_ORDER) as MeetingSort[]).find((sort) => sort === params.get('sort')) ?? 'started';
  const order = params.get('order');
  return { by, order: order === 'asc' || order === 'desc' ? order : FIRST_ORDER[by] };
}

/** When a day of the reader's zone begins, or the day that is `later` days after it. */
function dayStart(day: string | null, later: number): string | null {
  if (day === null || !DAY.test(day)) return null;
  const [year, month, date] = day.split('-').map(Number);
  const start = new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + later);
  return Number.isNaN(start.getTime()) ? null : start.toISOString();
}
