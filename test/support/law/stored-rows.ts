import pg from 'pg';
import type { OccurrenceRows, PersonRows, SessionRows } from './rows.js';

/** Everything that the tables hold of the occurrences of one room. */
export interface StoredRoom {
  readonly occurrences: readonly OccurrenceRows[];
  /** Identities of the events in the journal. */
  readonly identities: ReadonlySet<string>;
}

/** An occurrence's own row. */
interface MeetingRow {
  readonly id: string;
  readonly room: string;
  readonly internalId: string | null;
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  readonly closedAt: number | null;
  readonly known: boolean;
  readonly announced: OccurrenceRows['announced'];
}

type SessionRow = { readonly participantId: string } & Omit<SessionRows, 'elapsed' | 'running'> & {
    readonly elapsed: readonly [number, number, number, number];
    readonly running: readonly [number | null, number | null, number | null, number | null];
  };

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** Reads the rows of rooms by other statements than the product's own; `keysByRoom` holds the keys of each room's occurrences. */
export async function readRooms(
  databaseUrl: string,
  keysByRoom: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, StoredRoom>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const keys = [...keysByRoom].flatMap(([room, own]) => own.map((key) => ({ room, key })));
    const meetings = await query<MeetingRow>(
      client,
      `SELECT m.id::text AS id, k.room, m.internal_meeting_id AS "internalId", m.remote_id AS "externalId",
         ${ms('m.created_at')} AS "createdAt", ${ms('m.ended_at')} AS "endedAt", m.presumed_end AS "presumedEnd",
         ${ms('m.closed_at')} AS "closedAt", m.known,
         CASE WHEN m.announced_at IS NOT NULL THEN jsonb_build_object('at', ${ms('m.announced_at')}, 'title', m.title) END
           AS announced
       FROM conference_meeting m
       JOIN jsonb_to_recordset($1::jsonb) AS k(room text, key text) ON m.occurrence_key = k.key`,
      JSON.stringify(keys),
    );
    const ids = JSON.stringify(meetings.map(({ id }) => id));
    const ofMeetings = 'meeting_id IN (SELECT id::bigint FROM jsonb_array_elements_text($1::jsonb) AS w(id))';
    const people = await query<{ id: string; meetingId: string; key: string; name: string | null }>(
      client,
      `SELECT id::text AS id, meeting_id::text AS "meetingId", person_key AS key, name FROM participant WHERE ${ofMeetings}`,
      ids,
    );
    const sessions = await query<SessionRow>(
      client,
      `SELECT participant_id::text AS "participantId", ${ms('in_at')} AS "inAt", ${ms('out_at')} AS "outAt", closed_by AS "closedBy",
         jsonb_build_array(talk_ms, microphone_ms, camera_ms, screenshare_ms) AS elapsed,
         jsonb_build_array(${['talk', 'microphone', 'camera', 'screenshare'].map((kind) => ms(`${kind}_started_at`)).join(', ')})
           AS running,
         talk_seen AS "talkSeen", messages, reactions, reactions_breakdown AS "reactionsBreakdown", hands,
         poll_answers AS "pollAnswers", metrics
       FROM conference_activity WHERE ${ofMeetings}
       ORDER BY participant_id, ordinal`,
      ids,
    );
    const journal = await query<{ meetingId: string; identity: string }>(
      client,
      `SELECT meeting_id::text AS "meetingId", encode(identity, 'hex') AS identity FROM conference_event WHERE ${ofMeetings}`,
      ids,
    );
    const sessionsOf = groups(sessions, ({ participantId }) => participantId);
    const peopleOf = groups(people, ({ meetingId }) => meetingId);
    const journalOf = groups(journal, ({ meetingId }) => meetingId);
    const meetingsOf = groups(meetings, ({ room }) => room);
    return new Map(
      [...keysByRoom.keys()].map((room): [string, StoredRoom] => {
        const own = meetingsOf.get(room) ?? [];
        return [
          room,
          {
            occurrences: own.map(({ id, room: _room, ...rest }) => ({
              ...rest,
              people: Object.fromEntries(
                (peopleOf.get(id) ?? []).map(({ id: person, key, name }): [string, PersonRows] => [
                  key,
                  { name, sessions: (sessionsOf.get(person) ?? []).map(sessionOf) },
                ]),
              ),
            })),
            identities: new Set(own.flatMap(({ id }) => journalOf.get(id) ?? []).map(({ identity }) => identity)),
          },
        ];
      }),
    );
  } finally {
    await client.end();
  }
}

function sessionOf({ participantId: _participant, elapsed, running, ...rest }: SessionRow): SessionRows {
  const [talk, microphone, camera, screenshare] = elapsed;
  const [talkSince, microphoneSince, cameraSince, screenshareSince] = running;
  return {
    ...rest,
    elapsed: { talk, microphone, camera, screenshare },
    running: { talk: talkSince, microphone: microphoneSince, camera: cameraSince, screenshare: screenshareSince },
  };
}

async function query<Row>(client: pg.Client, text: string, parameter: string): Promise<Row[]> {
  const { rows } = await client.query(text, [parameter]);
  return rows as Row[];
}

function groups<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const group = found.get(key(row));
    if (group === undefined) found.set(key(row), [row]);
    else group.push(row);
  }
  return found;
}
