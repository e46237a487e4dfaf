import type { MeetingsServer } from '@bbb-activity/app-worker/bbb-servers';
import { presumeStaleMeetings } from '@bbb-activity/app-worker/stale-meetings';
import { BbbFailedError } from '@bbb-activity/bbb/errors';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import type { MeetingPolicy } from '@bbb-activity/simulator/expected-marks';
import type { GeneratedMeeting } from '@bbb-activity/simulator/generated-meeting';
import { openStore } from '@bbb-activity/store/client';
import { createLogger } from '@bbb-activity/telemetry/logger';
import pg from 'pg';
import { foldWhole, type Marks, showsLife } from './whole-fold.js';

const HOUR_MS = 3_600_000;

/**
 * One look for meetings that ended unheard, as the worker's scheduled job takes it, an hour after all of them were last heard of:
 * the time of arrival is all that is pretended, and put right again.
 */
export async function lookForEnds(databaseUrl: string, meetings: readonly GeneratedMeeting[]): Promise<void> {
  const servers = new Map(meetings.map(({ script }) => [script.externalId, script.server]));
  const server: MeetingsServer = {
    async isMeetingRunning(room) {
      const answer = servers.get(room);
      if (answer === undefined || answer === 'refused') throw new BbbFailedError('isMeetingRunning', 'notFound');
      return answer === 'running';
    },
  };
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const store = openStore({ databaseUrl, maxConnections: 4 });
  const log = createLogger({ app: 'worker', level: 'silent' });
  try {
    await client.query(`UPDATE conference_event SET received_at = received_at - interval '1 hour'`);
    const quietMs = HOUR_MS / 2;
    await presumeStaleMeetings({ store, serverOf: () => server, quietMs, silenceMs: quietMs, log }, new AbortController().signal);
    await client.query(`UPDATE conference_event SET received_at = received_at + interval '1 hour'`);
  } finally {
    await store.close();
    await client.end();
  }
}

/** The marks that a look at the rows of these events must set (docs/metrics.md, "Presumed end"). */
export function marksOf(
  early: readonly ConferenceEvent[],
  policy: MeetingPolicy,
  server: GeneratedMeeting['script']['server'],
): Marks {
  const rows = foldWhole(early, policy, new Map());
  const marks = new Map<string | null, 'not_running' | 'silence'>();
  for (const { internalId, externalId, createdAt, endedAt, known, people } of rows) {
    const sessions = Object.values(people).flatMap((person) => person.sessions);
    const goesOn = internalId === null ? sessions.some(({ outAt }) => outAt === null) : endedAt === null;
    if (!known || !goesOn) continue;
    const superseded =
      internalId !== null &&
      externalId !== null &&
      rows.some(
        (later) =>
          later.internalId !== null &&
          later.externalId === externalId &&
          later.createdAt > createdAt &&
          Object.values(later.people).some((person) => person.sessions.length > 0),
      );
    if (superseded) marks.set(internalId, 'not_running');
    else if (externalId === null || server === 'refused') marks.set(internalId, 'silence');
    else if (server === 'not_running') marks.set(internalId, 'not_running');
  }
  return marks;
}

/** Those of the marks that later events leave: what is new and shows that a meeting goes on lifts its own. */
export function marksAfter(marks: Marks, early: readonly ConferenceEvent[], late: readonly ConferenceEvent[]): Marks {
  const known = new Set(early.map(({ identity }) => identity));
  const lifted = new Set(
    late.filter((event) => !known.has(event.identity) && showsLife(event)).map(({ meeting }) => meeting.internalId),
  );
  return new Map([...marks].filter(([internalId]) => !lifted.has(internalId)));
}
