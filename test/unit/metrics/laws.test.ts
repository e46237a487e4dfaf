import { type Advanced, advance, fold, type NumberedSession } from '@bbb-activity/metrics/fold';
import type { FoldEvent, MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { emptyState, readState } from '@bbb-activity/metrics/fold-state';
import { metricsDocument } from '@bbb-activity/metrics/metrics-document';
import { instantsOf } from '@bbb-activity/metrics/order';
import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import { TIMER_KINDS } from '@bbb-activity/metrics/session';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEnd, delivered, someEvents } from './arbitraries.js';

const runs = { numRuns: 2_000 };

/** The state as it comes back from the database. */
function stored(state: Advanced['state']): Advanced['state'] {
  const read = readState(JSON.parse(JSON.stringify(state)));
  if (read === null) throw new Error('the state cannot be read again');
  return read;
}

/** Advances batch by batch and puts the sessions told each time into rows, as a store does; the end comes with the last batch. */
function advanceAll(batches: readonly (readonly FoldEvent[])[], end: MeetingEnd | null) {
  const rows = new Map<number, NumberedSession['session']>();
  let state = emptyState();
  batches.forEach((batch, index) => {
    const advanced = advance(state, batch, index === batches.length - 1 ? end : null);
    for (const { ordinal, session } of advanced.sessions) rows.set(ordinal, session);
    state = stored(advanced.state);
  });
  return { state, rows };
}

describe('the law', () => {
  it('any order and any duplication of the same events fold to equal sessions', () => {
    fc.assert(
      fc.property(
        someEvents.chain((events) => fc.tuple(fc.constant(events), delivered(events))),
        anEnd,
        ([events, delivery], end) => {
          expect(fold(delivery, end)).toEqual(fold(events, end));
        },
      ),
      runs,
    );
  });

  it('any split of the events between instants, with the state stored in between, gives the sessions and the state of one fold', () => {
    fc.assert(
      fc.property(someEvents, fc.array(fc.boolean(), { maxLength: 60 }), anEnd, (events, cuts, end) => {
        const batches: FoldEvent[][] = [[]];
        [...instantsOf(events, end?.at ?? Number.POSITIVE_INFINITY)].forEach((instant, index) => {
          if (cuts[index] === true) batches.push([]);
          batches.at(-1)?.push(...instant.events);
        });
        const { state, rows } = advanceAll(batches, end);
        expect([...rows].sort(([a], [b]) => a - b)).toEqual([...fold(events, end).entries()]);
        expect(state).toEqual(stored(advance(emptyState(), events, end).state));
      }),
      runs,
    );
  });

  it('an end that comes by itself, after all events, is the end of one fold', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        const before = events.filter(({ at }) => end === null || at <= end.at);
        const { rows } = advanceAll([before, []], end);
        expect([...rows.values()]).toEqual(fold(events, end));
      }),
      runs,
    );
  });

  it('a session that is not told as changed has not changed', () => {
    fc.assert(
      fc.property(someEvents, fc.integer({ min: 0, max: 30_000 }), anEnd, (events, cut, end) => {
        const earlier = events.filter(({ at }) => at <= cut);
        const later = events.filter(({ at }) => at > cut);
        fc.pre(end === null || end.at >= cut);
        const first = advance(emptyState(), earlier, null);
        const told = new Set(advance(first.state, later, end).sessions.map(({ ordinal }) => ordinal));
        const whole = fold(events, end);
        for (const { ordinal, session } of first.sessions) if (!told.has(ordinal)) expect(session).toEqual(whole[ordinal]);
      }),
      runs,
    );
  });
});

describe('of any events, sense or nonsense,', () => {
  it('sessions are in order of time, apart, and only the last one is open', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        const sessions = fold(events, end);
        sessions.forEach(({ inAt, outAt, closedBy }, index) => {
          const next = sessions[index + 1];
          expect(outAt === null).toBe(closedBy === null);
          if (outAt === null) expect([next, end]).toEqual([undefined, null]);
          else expect(outAt).toBeGreaterThanOrEqual(inAt);
          if (next !== undefined) expect(next.inAt).toBeGreaterThan(outAt ?? Number.POSITIVE_INFINITY);
          if (end !== null) expect(outAt).toBeLessThanOrEqual(end.at);
        });
      }),
      runs,
    );
  });

  it('a timer has run between no time and the whole session, and runs only in an open one', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        for (const session of fold(events, end)) {
          const until = session.outAt ?? 30_000;
          for (const kind of TIMER_KINDS) {
            const since = session.running[kind];
            expect(session.elapsed[kind]).toBeGreaterThanOrEqual(0);
            expect(session.elapsed[kind] + (since === null ? 0 : until - since)).toBeLessThanOrEqual(until - session.inAt);
            if (session.outAt !== null) expect(since).toBeNull();
            if (since !== null) expect(since).toBeGreaterThanOrEqual(session.inAt);
          }
        }
      }),
      runs,
    );
  });

  it('every number of a session, its document and its totals is a whole number, never negative', () => {
    const numbers = (value: unknown): number[] => {
      if (typeof value === 'number') return [value];
      return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbers) : [];
    };
    fc.assert(
      fc.property(someEvents, anEnd, fc.integer({ min: 0, max: 60_000 }), (events, end, now) => {
        const sessions = fold(events, end);
        const all = numbers([sessions, sessions.map(metricsDocument), participantTotals(sessions, now)]);
        expect(all.filter((number) => !Number.isSafeInteger(number) || number < 0)).toEqual([]);
      }),
      runs,
    );
  });

  it('no message is lost or counted twice, whoever was seen to be there', () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        const messages = new Set(events.filter(({ kind }) => kind === 'message').map(({ identity }) => identity));
        expect(fold(events, null).reduce((sum, session) => sum + session.messages, 0)).toBe(messages.size);
      }),
      runs,
    );
  });

  it('the reactions of a session are the sum of their breakdown', () => {
    fc.assert(
      fc.property(someEvents, anEnd, (events, end) => {
        for (const { reactions, reactionsBreakdown } of fold(events, end)) {
          expect(Object.values(reactionsBreakdown).reduce((sum, count) => sum + count, 0)).toBe(reactions);
          expect(Object.keys(reactionsBreakdown)).not.toContain('none');
        }
      }),
      runs,
    );
  });
});
