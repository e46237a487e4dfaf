import type { Store } from '@bbb-activity/store/client';

/** What the tables are filled with. */
export interface Filling {
  readonly meetings: number;
  /** In each meeting but the big one. */
  readonly people: number;
  /** In the newest meeting, which is the big one. */
  readonly bigPeople: number;
}

/**
 * Fills the tables as a year of meetings would: an hour each, every hundredth still going on, in rooms of some twenty runs, in two access URLs. The journal of
 * the big meeting alone is written: nothing else is asked for it.
 *
 * @returns the id of the big meeting
 */
export async function fill({ pool }: Store, { meetings, people, bigPeople }: Filling): Promise<string> {
  await pool.query(
    `INSERT INTO conference_meeting (access_url_id, occurrence_key, internal_meeting_id, remote_id, title, status, created_at, closed_at, ended_at, known)
     SELECT 1 + n % 2, 'i:run-' || n, 'run-' || n, 'room-' || n % ($1::int / 20 + 1), (ARRAY['Algebra','Biology','Chemistry','Drawing','English'])[1 + n % 5] || ' ' || n,
       CASE WHEN n % 100 = 0 THEN 'running' ELSE 'ended' END, t.at,
       CASE WHEN n % 100 <> 0 THEN t.at + interval '1 hour' END, CASE WHEN n % 100 <> 0 THEN t.at + interval '1 hour' END, true
     FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() - ($1::int - n) * interval '50 minutes' - interval '1 hour' AS at) AS t`,
    [meetings],
  );
  await pool.query(
    `INSERT INTO participant (meeting_id, person_key, name, state)
     SELECT m.id, 'user-' || (p * 7 + m.id) % 3000, 'Person ' || (p * 7 + m.id) % 3000, '{}'
     FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC) = 1 AS big FROM conference_meeting) AS m,
       LATERAL generate_series(1, CASE WHEN m.big THEN $2::int ELSE $1::int END) AS p
     ON CONFLICT DO NOTHING`,
    [people, bigPeople],
  );
  await pool.query(
    `INSERT INTO conference_activity (meeting_id, participant_id, in_at, out_at, close, ordinal, microphone_ms, camera_ms, messages)
     SELECT m.id, p.id, m.created_at + interval '1 minute', m.closed_at, m.closed_at IS NOT NULL, 0, 60000, 1200000, 3
     FROM participant p JOIN conference_meeting m ON m.id = p.meeting_id`,
  );
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id::text AS id FROM conference_meeting ORDER BY created_at DESC, id DESC LIMIT 1',
  );
  const id = rows[0]?.id ?? '';
  await pool.query(
    `INSERT INTO conference_identity (meeting_id, internal_user_id, external_user_id)
     SELECT p.meeting_id, 'w_' || p.id, p.person_key FROM participant p WHERE p.meeting_id = $1`,
    [id],
  );
  await pool.query(
    `INSERT INTO conference_event (identity, meeting_id, kind, name, at, internal_user_id, external_user_id, details)
     SELECT sha256(convert_to(p.id || k.kind || k.n, 'UTF8')), p.meeting_id, k.kind, k.kind, m.created_at + interval '1 minute' + k.n * interval '10 seconds',
       'w_' || p.id, p.person_key, '{}'
     FROM participant p JOIN conference_meeting m ON m.id = p.meeting_id,
       (SELECT 0 AS n, 'joined' AS kind UNION ALL
        SELECT n, CASE WHEN n % 2 = 1 THEN 'microphone_opened' ELSE 'microphone_closed' END FROM generate_series(1, 20) AS n) AS k
     WHERE p.meeting_id = $1`,
    [id],
  );
  // As autovacuum does where so much was written.
  await pool.query('VACUUM ANALYZE');
  return id;
}
