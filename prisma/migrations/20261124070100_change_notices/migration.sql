-- Whoever listens to conference_change hears the id of each meeting of which something changed, once a transaction and when it commits.
-- A trigger a statement, not a row: a batch of hundreds of rows costs one look at what it changed. Prisma's schema does not know of triggers.
-- The bodies spell their semicolons \x3B: the adapter through which the migrations run splits a script at each of them.
CREATE FUNCTION notify_changed_meetings() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  PERFORM pg_notify(''conference_change'', c.meeting_id::text) FROM (SELECT DISTINCT meeting_id FROM changed) AS c\x3B
  RETURN NULL\x3B
END
';

CREATE FUNCTION notify_changed_meeting_rows() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  PERFORM pg_notify(''conference_change'', c.id::text) FROM changed AS c\x3B
  RETURN NULL\x3B
END
';

CREATE TRIGGER conference_activity_inserted AFTER INSERT ON conference_activity
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();
CREATE TRIGGER conference_activity_updated AFTER UPDATE ON conference_activity
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();
CREATE TRIGGER conference_activity_deleted AFTER DELETE ON conference_activity
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();

CREATE TRIGGER conference_meeting_inserted AFTER INSERT ON conference_meeting
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();
CREATE TRIGGER conference_meeting_updated AFTER UPDATE ON conference_meeting
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();
CREATE TRIGGER conference_meeting_deleted AFTER DELETE ON conference_meeting
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();
