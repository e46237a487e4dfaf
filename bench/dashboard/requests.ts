/** What is measured, and the most ms that it may take at the 95th percentile (docs/dashboard.md, "Speed"). */
export interface MeasuredRequest {
  readonly name: string;
  readonly path: string;
  readonly bar: number;
}

const LIST_BAR = 100;
const MEETING_BAR = 1_000;

/** Every sort in both orders under every filter, and what the page of one meeting asks for. */
export function measuredRequests(bigMeeting: string): MeasuredRequest[] {
  const day = 86_400_000;
  const from = new Date(Date.now() - 90 * day).toISOString();
  const to = new Date(Date.now() - 10 * day).toISOString();
  const filters: Readonly<Record<string, string>> = {
    none: '',
    'title in many': 'title=algebra',
    'title in one': 'title=algebra 9995',
    'title in none': 'title=nothing of this',
    time: `from=${from}&to=${to}`,
    running: 'running=true',
    over: 'running=false',
    'access URL': 'accessUrlId=2',
    room: 'remoteId=room-7',
    'all together': `title=a&from=${from}&to=${to}&running=false&accessUrlId=2`,
  };
  const lists = Object.entries(filters).flatMap(([filter, query]) =>
    ['started', 'title', 'duration', 'participants'].flatMap((sort) =>
      ['asc', 'desc'].map((order) => ({
        name: `list by ${sort} ${order}, filter: ${filter}`,
        path: `/api/meetings?limit=50&sort=${sort}&order=${order}&${query}`,
        bar: LIST_BAR,
      })),
    ),
  );
  const meeting = ['', '/participants', '/timeline', '/export'].map((part) => ({
    name: `a meeting of 500${part}`,
    path: `/api/meetings/${bigMeeting}${part}`,
    bar: MEETING_BAR,
  }));
  const others = [
    { name: 'figures', path: '/api/kpis', bar: MEETING_BAR },
    { name: 'attendance of a room', path: '/api/attendance?accessUrlId=2&remoteId=room-7', bar: MEETING_BAR },
    { name: 'attendance of a person', path: '/api/attendance?accessUrlId=2&person=user-7', bar: MEETING_BAR },
  ];
  return [...lists, ...meeting, ...others];
}
