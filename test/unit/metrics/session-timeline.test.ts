import { fold } from '@bbb-activity/metrics/fold';
import { TIMER_KINDS } from '@bbb-activity/metrics/session';
import { sessionTimelines } from '@bbb-activity/metrics/session-timeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEnd, someEvents } from './arbitraries.js';
import { event } from './events.js';

const runs = { numRuns: 2_000 };

describe('the times that numbers are made of', () => {
  it('come with the very sessions that the fold gives', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        expect(sessionTimelines(events, end).map(({ session }) => session)).toEqual(fold(events, end));
      }),
      runs,
    );
  });

  it('add up to the timers, in order, apart, and inside of their session', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        for (const { session, intervals } of sessionTimelines(events, end)) {
          for (const kind of TIMER_KINDS) {
            let [sum, last] = [0, session.inAt];
            for (const [start, until] of intervals[kind]) {
              expect(start).toBeGreaterThanOrEqual(last);
              if (until === null) expect([start, session.outAt]).toEqual([session.running[kind], null]);
              else expect(until).toBeGreaterThan(start);
              last = until ?? Number.POSITIVE_INFINITY;
              sum += until === null ? 0 : until - start;
            }
            expect(sum).toBe(session.elapsed[kind]);
            expect(intervals[kind].some(([, until]) => until === null)).toBe(session.running[kind] !== null);
            if (session.outAt !== null) expect(last).toBeLessThanOrEqual(session.outAt);
          }
        }
      }),
      runs,
    );
  });

  it('are as many as the counts', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        for (const { session, counted } of sessionTimelines(events, end)) {
          const of = (kind: string) => counted.filter((one) => one.kind === kind).length;
          expect({
            messages: of('message'),
            reactions: of('reaction'),
            hands: of('hand_raised'),
            pollAnswers: of('poll_answered'),
          }).toEqual({
            messages: session.messages,
            reactions: session.reactions,
            hands: session.hands,
            pollAnswers: session.pollAnswers,
          });
        }
      }),
      runs,
    );
  });

  it('are one stretch where a stop and a start coincide, and none where a connection had left', () => {
    const talk = (kind: 'talk_started' | 'talk_stopped', at: number) => event(kind, at, { connection: 'w_a' });
    const [timeline] = sessionTimelines(
      [
        event('joined', 0, { connection: 'w_a' }),
        talk('talk_started', 10_000),
        talk('talk_stopped', 15_000),
        talk('talk_started', 15_000),
        talk('talk_stopped', 20_000),
        event('left', 30_000, { connection: 'w_a' }),
        talk('talk_started', 30_010),
      ],
      null,
    );
    expect(timeline?.intervals.talk).toEqual([[10_000, 20_000]]);
  });
});
