import { readDelivery } from '@bbb-activity/events/read-delivery';
import { Campus, rawEventOf } from '@bbb-activity/simulator/campus';
import { encodeDelivery } from '@bbb-activity/simulator/webhook-delivery';
import { describe, expect, it } from 'vitest';

const OPTIONS = { seed: 7, meetings: 3, people: 20 };
const NOW = 1_795_471_952_000;

function eventsOf(campus: Campus, count: number) {
  return Array.from({ length: count }, () => campus.next());
}

describe('the load of a campus', () => {
  it('is the same for one seed and another for another', () => {
    const load = (seed: number) => JSON.stringify(eventsOf(new Campus({ ...OPTIONS, seed }), 200));
    expect(load(7)).toBe(load(7));
    expect(load(7)).not.toBe(load(8));
  });

  it('consists of events that ingress understands, one identity each', () => {
    const campus = new Campus(OPTIONS);
    const told = [...campus.openings(), ...campus.arrivals(), ...eventsOf(campus, 1_000), ...campus.endings()];
    const events = told.map((event, index) => rawEventOf(event, NOW + index));
    const body = encodeDelivery({ domain: 'bbb.example.com', events, timestamp: NOW });
    const read = readDelivery({
      contentType: 'application/x-www-form-urlencoded',
      body: Buffer.from(body),
      accessUrlId: 1,
      mid: null,
      receivedAt: NOW,
      requestId: 'r',
      identityKey: Buffer.alloc(32),
      maxEvents: told.length,
    });
    expect(read).toMatchObject({ malformed: [], unknownNames: [], excess: 0 });
    expect(new Set(read.events.map(({ identity }) => identity)).size).toBe(told.length);
  });

  it('lets everybody do something before anybody does the next thing', () => {
    const people = eventsOf(new Campus(OPTIONS), 3 * OPTIONS.people).map(({ person }) => person);
    for (let start = 0; start < people.length; start += OPTIONS.people) {
      expect(new Set(people.slice(start, start + OPTIONS.people)).size).toBe(OPTIONS.people);
    }
  });

  it('lets in only who is not inside', () => {
    const campus = new Campus(OPTIONS);
    expect(campus.arrivals()).toHaveLength(OPTIONS.people);
    expect(campus.arrivals()).toEqual([]);
    expect(eventsOf(campus, OPTIONS.people).filter(({ name }) => name === 'user-joined')).toEqual([]);
  });
});
