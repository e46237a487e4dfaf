import { describe, expect, it } from 'vitest';
import { reaches, shareOf, thresholdOf, wholePercent } from '../../../apps/dashboard/page/src/pages/attendance-rule.js';
import { afterLogin } from '../../../apps/dashboard/page/src/pages/login/after-login.js';
import { axisTimes, barsPath, marksPath } from '../../../apps/dashboard/page/src/pages/meeting/timeline/timeline-shapes.js';
import { queryOfAddress, sortingOfAddress } from '../../../apps/dashboard/page/src/pages/overview/meeting-filters.js';
import { periodOfAddress } from '../../../apps/dashboard/page/src/router/day-params.js';
import { matchPath } from '../../../apps/dashboard/page/src/router/match.js';

const BASE = 'https://school.example.com/plugin/Bbb/webhook_dashboard.php/';

describe('where one goes after the login', () => {
  it.each([
    ['meetings/12?view=timeline', { to: 'meetings/12?view=timeline', ofThePage: true }],
    [
      '/plugin/Bbb/webhook_dashboard.php/admin/queues',
      { to: '/plugin/Bbb/webhook_dashboard.php/admin/queues', ofThePage: false },
    ],
    [null, { to: '', ofThePage: true }],
    ['//evil.example.com/', { to: '', ofThePage: true }],
    ['https://evil.example.com/', { to: '', ofThePage: true }],
    ['javascript:alert(1)', { to: '', ofThePage: true }],
    ['/elsewhere', { to: '', ofThePage: true }],
  ])('%s is never another site', (next, place) => {
    expect(afterLogin(next, BASE)).toEqual(place);
  });
});

describe('the address of the list', () => {
  it('tells filters in whole days of the reader, both included, and passes over what is none', () => {
    const query = queryOfAddress(new URLSearchParams('title=x&from=2026-03-01&to=2026-03-01&running=no&au=2&sort=title'));
    expect(query).toEqual({
      title: 'x',
      from: new Date(2026, 2, 1).toISOString(),
      to: new Date(2026, 2, 2).toISOString(),
      running: false,
      accessUrlId: 2,
      sort: 'title',
      order: 'asc',
    });
    const odd = queryOfAddress(new URLSearchParams('from=yesterday&au=-1&running=perhaps&sort=nothing&order=up&title='));
    expect(odd).toEqual({ sort: 'started', order: 'desc' });
    expect(sortingOfAddress(new URLSearchParams('sort=duration&order=asc'))).toEqual({ by: 'duration', order: 'asc' });
  });
});

describe('a day of an address', () => {
  it.each(['garbage', '9999-99-99', '2026-02-30', '20260-01-01', '0000-01-01', '9999-12-31', ''])(
    '%s, which no calendar of the page has, is passed over',
    (day) => {
      expect(periodOfAddress(new URLSearchParams({ from: day, to: day }))).toEqual({});
    },
  );
});

describe('the threshold of an address', () => {
  it.each([
    ['', 85],
    ['threshold=50', 50],
    ['threshold=abc', 85],
    ['threshold=101', 85],
    ['threshold=', 85],
    ['threshold=0', 0],
  ])('%s is per cent from 0 to 100, else the usual one', (search, percent) => {
    expect(thresholdOf(new URLSearchParams(search), 'threshold')).toBe(percent);
  });
});

describe('a share', () => {
  it('is shown rounded down, so that it never goes against its own sign', () => {
    expect([0.8499, 0.85, 0.9999, 1, 0.29].map(wholePercent)).toEqual([84, 85, 99, 100, 29]);
    expect(wholePercent(shareOf(104_399, 104_400))).toBe(99);
    expect(shareOf(1, 0)).toBe(1);
    expect([reaches(0.8499, 85), reaches(0.85, 85), reaches(0.29, 29)]).toEqual([false, true, true]);
  });
});

describe('a pattern of an address', () => {
  it('gives the decoded values of its names, and nothing for another path', () => {
    expect(matchPath('rooms/:accessUrlId/:remoteId', 'rooms/1/a%2Fb')).toEqual({ accessUrlId: '1', remoteId: 'a/b' });
    expect(matchPath('meetings/:id', 'meetings/12/')).toEqual({ id: '12' });
    expect(matchPath('meetings/:id', 'meetings')).toBeNull();
    expect(matchPath('meetings/:id', 'meetings/%E0%A4%A')).toBeNull();
    expect(matchPath('', '')).toEqual({});
  });
});

describe('the shapes of the timeline', () => {
  const scale = { from: 0, to: 1_000, width: 100 };

  it('are a bar from start to end, to the edge for what goes on, and never too narrow to be seen', () => {
    expect(barsPath([[100, 300]], 5, 9, scale)).toBe('M10 5h20v9h-20z');
    expect(barsPath([[900, null]], 5, 9, scale)).toBe('M90 5h10v9h-10z');
    expect(barsPath([[500, 501]], 5, 9, scale)).toBe('M50 5h1.5v9h-1.5z');
  });

  it('stand where the mark happened', () => {
    expect(marksPath([500], 'square', 40, scale)).toMatch(/^M50 40/);
  });

  it.each([
    ['an hour on a wide page', 60, 1_000, 5, 13],
    ['47 minutes on a phone', 47, 334, 15, 4],
  ])('have times at whole steps, with room between them and more than one: %s', (_what, minutes, width, every, count) => {
    const { step, times } = axisTimes({ from: 0, to: minutes * 60_000, width });
    expect([step, times.length, times.every((at) => at % step === 0)]).toEqual([every * 60_000, count, true]);
    expect((step / (minutes * 60_000)) * width).toBeGreaterThanOrEqual(72);
  });
});
