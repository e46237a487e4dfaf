/**
 * What BullMQ has no statement for, over its tables (schema version 11): a waiting job's place is (priority, seq), and the
 * partial index job_ready_idx has the waiting jobs of a queue in that order.
 */

/** $1 queue, $2 number of items. The limit stands inside, so that no more rows are read than jobs can be taken. */
export const NEXT_WAITING = `
  SELECT id, data, added_at_ms::float8 AS "queuedAt"
  FROM (
    SELECT id, data, added_at_ms, priority, seq,
           sum(coalesce(substring(name FROM '^[0-9]+')::int, $2::int + 1)) OVER (ORDER BY priority, seq) AS items
    FROM (
      SELECT id, name, data, added_at_ms, priority, seq FROM job
      WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT $2::int
    ) AS head
  ) AS counted
  WHERE items <= $2::int
  ORDER BY priority, seq`;

/** $1 queues. In their order. */
export const NEXT_QUEUED_AT = `
  SELECT (
    SELECT added_at_ms::float8 FROM job WHERE job.queue = asked.queue AND state = 'waiting' ORDER BY priority, seq LIMIT 1
  ) AS at
  FROM unnest($1::text[]) WITH ORDINALITY AS asked(queue, place) ORDER BY place`;

/** $1 queue, $2 id of a job just fetched, $3 its lock's token. Fetching changes no place, so it is where it was. */
export const PUT_BACK_WHERE_HEAD_PASSED = `
  UPDATE job AS fetched
  SET state = 'waiting', lock_token = NULL, locked_until_ms = NULL, attempts_started = attempts_started - 1
  WHERE queue = $1 AND id = $2 AND state = 'active' AND lock_token = $3
    AND (SELECT row(priority, seq) FROM job WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT 1)
      < row(fetched.priority, fetched.seq)
  RETURNING id`;

/** $1 queue, $2 ids. */
export const REMOVE_WAITING = `DELETE FROM job WHERE queue = $1 AND id = ANY($2::text[]) AND state = 'waiting' RETURNING id`;

/** $1 queue, $2 how many, $3 below this id, or null. */
export const NEWEST_WAITING = `
  SELECT id, data FROM job
  WHERE queue = $1 AND state = 'waiting' AND ($3::bigint IS NULL OR id::bigint < $3::bigint)
  ORDER BY priority DESC, seq DESC LIMIT $2::int`;

/** $1 queue. */
export const WAITING_BY_NAME = `SELECT name, count(*) AS jobs FROM job WHERE queue = $1 AND state = 'waiting' GROUP BY name`;

/**
 * $1 queue, $2 most jobs, $3 most bytes of their data. Keeps the newest that are within both. pg_column_size does not read
 * what is stored out of line: it gives the size that is stored. The ids are an array, so that they are looked up by the
 * key also while the table has no statistics: joined, each was compared with each.
 */
export const TRIM_OLDEST = `
  WITH dropped AS (
    DELETE FROM job
    WHERE queue = $1 AND state = 'waiting' AND id = ANY(ARRAY(
      SELECT id
      FROM (
        SELECT id, row_number() OVER newest AS place, sum(pg_column_size(data)) OVER newest AS bytes
        FROM job WHERE queue = $1 AND state = 'waiting'
        WINDOW newest AS (ORDER BY priority DESC, seq DESC ROWS UNBOUNDED PRECEDING)
      ) AS counted
      WHERE place > $2::int OR bytes > $3::bigint
    ))
    RETURNING id, dedup_id, pg_column_size(data) AS bytes
  ), forgotten AS (
    DELETE FROM dedup
    WHERE queue = $1 AND dedup_id = ANY(ARRAY(SELECT dedup_id FROM dropped)) AND job_id = ANY(ARRAY(SELECT id FROM dropped))
  )
  SELECT count(*) AS jobs, coalesce(sum(bytes), 0) AS bytes FROM dropped`;

/** $1 queue. The oldest is the head; looking through all for the least time would cost as much as the backlog is long. */
export const DEPTH = `
  SELECT (SELECT count(*) FROM job WHERE queue = $1 AND state = 'waiting') AS waiting,
         (SELECT count(*) FROM job WHERE queue = $1 AND state = 'active') AS active,
         least(
           (SELECT added_at_ms FROM job WHERE queue = $1 AND state = 'waiting' ORDER BY priority, seq LIMIT 1),
           (SELECT min(added_at_ms) FROM job WHERE queue = $1 AND state = 'active')
         ) AS oldest`;

/** $1 queue. BullMQ's own counts give the jobs of a paused queue as paused, a state that its types do not know. */
export const JOBS_LEFT = `SELECT count(*) AS jobs FROM job WHERE queue = $1 AND state <> 'completed'`;

/** $1 queue, $2 above this id, $3 how many. */
export const JOB_IDS = 'SELECT id FROM job WHERE queue = $1 AND id > $2 ORDER BY id LIMIT $3::int';

/** $1 queue, $2 id. */
export const JOB_DATA = 'SELECT data, data::text AS text FROM job WHERE queue = $1 AND id = $2';

/** $1 queue, $2 id, $3 data as it was, $4 data as it shall be. Gives the id where it was replaced. */
export const REPLACE_DATA = `
  UPDATE job SET data = $4::jsonb WHERE queue = $1 AND id = $2 AND data::text = $3 RETURNING id AS holder`;

/**
 * The same, and $5 the deduplication id from now on; the former goes wherever BullMQ keeps it. Gives the id of the job that has the
 * new one: where that is another, nothing was replaced. The locks are taken in BullMQ's order, the deduplication before its job.
 */
export const REPLACE_DATA_AND_ID = `
  WITH known AS (
    INSERT INTO dedup (queue, dedup_id, job_id)
    SELECT queue, $5, id FROM job WHERE queue = $1 AND id = $2 AND data::text = $3
    ON CONFLICT (queue, dedup_id) DO UPDATE SET job_id = coalesce(
      (SELECT id FROM job WHERE queue = $1 AND id = dedup.job_id), EXCLUDED.job_id
    )
    RETURNING job_id
  ), changed AS (
    UPDATE job
    SET data = $4::jsonb, dedup_id = $5, opts = coalesce(replace(opts::text, dedup_id, $5)::jsonb, opts)
    FROM known
    WHERE queue = $1 AND id = $2 AND data::text = $3 AND known.job_id = $2
    RETURNING id
  ), forgotten AS (
    DELETE FROM dedup WHERE queue = $1 AND job_id = (SELECT id FROM changed) AND dedup_id <> $5
  )
  SELECT id AS holder FROM changed UNION ALL SELECT job_id FROM known WHERE job_id <> $2`;

/** $1 queue, $2 server. Writes only where it is another, as it seldom is. Gives the former one. */
export const NOTE_SERVER = `
  WITH former AS (
    SELECT value FROM meta WHERE queue = $1 AND field = 'server'
  ), noted AS (
    INSERT INTO meta (queue, field, value)
    SELECT $1, 'server', $2 WHERE NOT EXISTS (SELECT FROM former WHERE value = $2)
    ON CONFLICT (queue, field) DO UPDATE SET value = EXCLUDED.value
  )
  SELECT value FROM former`;

/** $1 queue. */
export const FORGET_EVENTS = 'DELETE FROM event WHERE queue = $1';

const WHERE_RECORD = `queue = 'partitions' AND field = 'record'`;

/** The partition record, a row of BullMQ's own table of facts about queues, under a queue that holds no jobs. */
export const RECORD = {
  read: `SELECT value FROM meta WHERE ${WHERE_RECORD}`,
  /** Holds it as it is until the transaction ends. */
  hold: `SELECT value FROM meta WHERE ${WHERE_RECORD} FOR SHARE`,
  create: `INSERT INTO meta (queue, field, value) VALUES ('partitions', 'record', $1) ON CONFLICT DO NOTHING RETURNING value`,
  replace: `UPDATE meta SET value = $2 WHERE ${WHERE_RECORD} AND value = $1 RETURNING value`,
};
