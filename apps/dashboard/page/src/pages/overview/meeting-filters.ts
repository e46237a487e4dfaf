import type { MeetingSort, MeetingsQuery } from '../../../../src/schemas/meetings.js';
import type { Sorting } from '../../parts/sort-head.js';
import { periodOfAddress } from '../../router/day-params.js';

/** The first order of each sort, as the API has it by default. */
export const FIRST_ORDER = { started: 'desc', title: 'asc', duration: 'desc', participants: 'desc' } as const;

/** What the address tells of the list: `title`, `from` and `to` (days of the reader's zone, both included), `running`, `au`, `room`, `sort`, `order`. */
export function queryOfAddress(params: URLSearchParams): Omit<MeetingsQuery, 'cursor' | 'limit'> {
  const { by, order } = sortingOfAddress(params);
  const title = params.get('title');
  const remoteId = params.get('room');
  const running = { yes: true, no: false }[params.get('running') ?? ''];
  const accessUrlId = Number(params.get('au'));
  return {
    ...(title !== null && title !== '' && { title: title.slice(0, 255) }),
    ...(remoteId !== null && remoteId !== '' && { remoteId: remoteId.slice(0, 255) }),
    ...periodOfAddress(params),
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
