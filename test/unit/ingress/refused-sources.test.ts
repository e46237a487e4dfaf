import { RefusedSources } from '@bbb-activity/app-ingress/refused-sources';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { describe, expect, it } from 'vitest';

function counting(limit: number, mostSources = 100) {
  const lines: string[] = [];
  const time = { now: 1_800_000_000_000 };
  const log = createLogger({ app: 'test', level: 'info', to: { write: (line) => lines.push(line) } });
  return { refused: new RefusedSources({ log, limit, mostSources, clock: () => time.now }), lines, time };
}

describe('the count of refused signatures', () => {
  it('lets a source fail so often a minute, then tells how long it has to wait, and forgets after the minute', () => {
    const { refused, time } = counting(2);
    expect([refused.add('192.0.2.1'), refused.add('192.0.2.1'), refused.add('192.0.2.1')]).toEqual([null, null, 60]);
    time.now += 45_500;
    expect([refused.add('192.0.2.1'), refused.add('192.0.2.2')]).toEqual([15, null]);
    time.now += 14_500;
    expect(refused.add('192.0.2.1')).toBeNull();
  });

  it('begins anew where the clock was set back', () => {
    const { refused, time } = counting(1);
    refused.add('192.0.2.1');
    time.now -= 3_600_000;
    expect([refused.add('192.0.2.1'), refused.add('192.0.2.1')]).toEqual([null, 60]);
  });

  it('says once a minute that it is reached', () => {
    const { refused, lines, time } = counting(1);
    for (let count = 0; count < 5; count++) refused.add('192.0.2.1');
    expect(lines).toHaveLength(1);
    time.now += 60_000;
    for (let count = 0; count < 5; count++) refused.add('192.0.2.1');
    expect(lines.map((line) => (JSON.parse(line) as { from: string }).from)).toEqual(['192.0.2.1', '192.0.2.1']);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', true],
    ['2001:db8:1:2::1', '2001:0db8:0001:0002:0:0:0:9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('counts %s and %s as one source: %s', (one, other, same) => {
    const { refused } = counting(1);
    refused.add(one);
    expect(refused.add(other) !== null).toBe(same);
  });

  it('tells no more sources apart than it may, and still limits those it knows', () => {
    const { refused } = counting(2, 2);
    const answers = ['a', 'b', 'c', 'd', 'e', 'a', 'a'].map((source) => refused.add(source) !== null);
    expect(answers).toEqual([false, false, false, false, true, false, true]);
  });
});
