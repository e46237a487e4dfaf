import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import pg from 'pg';

/** A connection that stops transactions at a statement of its choice, until it lets them go. */
export interface Barrier {
  /** Stops who journals this event: its occurrence and its tie are locked by then, its participant is not. */
  beforeJournal(event: ConferenceEvent): Promise<void>;
  /** Stops who makes or locks this participant: the event is journalled by then, and not folded. */
  beforeParticipant(meetingId: bigint, personKey: string): Promise<void>;
  /** Stops who writes or removes a session of this number of any participant: the participant is written by then. */
  beforeSession(ordinal: number): Promise<void>;
  /** How many transactions of the database wait for a lock. */
  waiting(): Promise<number>;
  /** Lets go what it stops; the barrier may be used again. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/**
 * It holds the unique key that the other must write or lock, in a transaction that is rolled back: as a concurrent transaction would,
 * without the product's code knowing of it.
 */
export async function createBarrier(databaseUrl: string): Promise<Barrier> {
  const [holder, watcher] = [new pg.Client({ connectionString: databaseUrl }), new pg.Client({ connectionString: databaseUrl })];
  await Promise.all([holder.connect(), watcher.connect()]);
  let holds = false;
  const hold = async (statement: string, values: unknown[]) => {
    if (!holds) await holder.query('BEGIN');
    holds = true;
    await holder.query(statement, values);
  };
  return {
    beforeJournal: ({ identity, kind, name, at }) =>
      hold(
        `INSERT INTO conference_event (identity, meeting_id, kind, name, at)
         VALUES (decode($1, 'hex'), 0, $2, $3, to_timestamp($4::float8 / 1000))`,
        [identity, kind, name, at],
      ),
    async beforeParticipant(meetingId, personKey) {
      await hold(
        `INSERT INTO participant (meeting_id, person_key, state) VALUES ($1, $2, '{}')
         ON CONFLICT (meeting_id, person_key) DO NOTHING`,
        [meetingId, personKey],
      );
      await hold('SELECT id FROM participant WHERE meeting_id = $1 AND person_key = $2 FOR UPDATE', [meetingId, personKey]);
    },
    beforeSession: (ordinal) => hold('SELECT id FROM conference_activity WHERE ordinal = $1 FOR UPDATE', [ordinal]),
    async waiting() {
      const { rows } = await watcher.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows[0]?.waiting ?? 0;
    },
    async open() {
      if (holds) await holder.query('ROLLBACK');
      holds = false;
    },
    async close() {
      await Promise.all([holder.end(), watcher.end()]);
    },
  };
}
