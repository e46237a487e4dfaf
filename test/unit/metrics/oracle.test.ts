import { fold } from '@bbb-activity/metrics/fold';
import type { MeetingEnd } from '@bbb-activity/metrics/fold-event';
import { participantTotals } from '@bbb-activity/metrics/participant-totals';
import type { Session, TIMER_KINDS } from '@bbb-activity/metrics/session';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExpectedSession, expectedSessions } from './oracle.js';
import { aScript, eventsOf, HORIZON_MS } from './scripts.js';

/** Later than everything that happens in a script, late events included. */
const NOW = HORIZON_MS + 10_000;

const anEnd = fc.option(
  fc.record({ at: fc.integer({ min: 0, max: NOW / 250 }).map((it) => it * 250), by: fc.constant('meeting_ended' as const) }),
);

function asExpected({ inAt, outAt, talkSeen, messages, hands, elapsed, running }: Session): ExpectedSession {
  const ms = (kind: (typeof TIMER_KINDS)[number]) => elapsed[kind] + (running[kind] === null ? 0 : NOW - running[kind]);
  const all = { talk: ms('talk'), microphone: ms('microphone'), camera: ms('camera'), screenshare: ms('screenshare') };
  return { inAt, outAt, talkSeen, messages, hands, ms: all };
}

/** A script is many choices deep: to shrink one takes longer than to read it, and its seed repeats it. */
const runs = { numRuns: 1_000, endOnFailure: true };

describe('what truly happened, computed by intervals,', () => {
  it('is what is folded from its events: stays, timers and counts of every session', () => {
    fc.assert(
      fc.property(aScript, anEnd, (script, end: MeetingEnd | null) => {
        expect(fold(eventsOf(script), end).map(asExpected)).toEqual(expectedSessions(script, end?.at ?? null, NOW));
      }),
      runs,
    );
  });

  it('is what a participant is told in whole seconds', () => {
    fc.assert(
      fc.property(aScript, anEnd, (script, end: MeetingEnd | null) => {
        const expected = expectedSessions(script, end?.at ?? null, NOW);
        const seconds = (ms: (session: ExpectedSession) => number) =>
          Math.floor(expected.reduce((sum, session) => sum + ms(session), 0) / 1_000);
        expect(participantTotals(fold(eventsOf(script), end), NOW)).toMatchObject({
          sessions: expected.length,
          onlineSeconds: seconds(({ inAt, outAt }) => (outAt ?? NOW) - inAt),
          talkSeconds: seconds(({ talkSeen, ms }) => (talkSeen ? ms.talk : ms.microphone)),
          microphoneSeconds: seconds(({ ms }) => ms.microphone),
          cameraSeconds: seconds(({ ms }) => ms.camera),
          screenshareSeconds: seconds(({ ms }) => ms.screenshare),
          messages: expected.reduce((sum, { messages }) => sum + messages, 0),
          hands: expected.reduce((sum, { hands }) => sum + hands, 0),
          online: expected.some(({ outAt }) => outAt === null),
        });
      }),
      runs,
    );
  });
});
