-- What the migrations make, read from PostgreSQL's catalogue: for people to read and for
-- test/integration/store/golden-schema.test.ts to compare. Nothing is run from here. Made by: npm run schema:dump

CREATE TABLE api_token (
  id bigint NOT NULL DEFAULT nextval('api_token_id_seq'::regclass),
  name text NOT NULL,
  token_hash bytea NOT NULL,
  role text NOT NULL,
  access_url_id integer,
  created_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  used_at timestamp(3) with time zone,
  CONSTRAINT api_token_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX api_token_name_key ON public.api_token USING btree (name);
CREATE UNIQUE INDEX api_token_token_hash_key ON public.api_token USING btree (token_hash);

CREATE TABLE conference_activity (
  id bigint NOT NULL DEFAULT nextval('conference_activity_id_seq'::regclass),
  meeting_id bigint NOT NULL,
  participant_id bigint NOT NULL,
  in_at timestamp(3) with time zone,
  out_at timestamp(3) with time zone,
  close boolean NOT NULL DEFAULT false,
  type text NOT NULL DEFAULT ''::text,
  event text NOT NULL DEFAULT ''::text,
  activity_data text,
  signature_file text,
  signed_at timestamp(3) with time zone,
  metrics jsonb,
  ordinal integer,
  closed_by text,
  talk_ms bigint NOT NULL DEFAULT 0,
  microphone_ms bigint NOT NULL DEFAULT 0,
  camera_ms bigint NOT NULL DEFAULT 0,
  screenshare_ms bigint NOT NULL DEFAULT 0,
  talk_started_at timestamp(3) with time zone,
  microphone_started_at timestamp(3) with time zone,
  camera_started_at timestamp(3) with time zone,
  screenshare_started_at timestamp(3) with time zone,
  talk_seen boolean NOT NULL DEFAULT false,
  messages integer NOT NULL DEFAULT 0,
  reactions integer NOT NULL DEFAULT 0,
  reactions_breakdown jsonb NOT NULL DEFAULT '{}'::jsonb,
  hands integer NOT NULL DEFAULT 0,
  poll_answers integer NOT NULL DEFAULT 0,
  event_at timestamp(3) with time zone,
  signed_seconds bigint,
  identity bytea,
  CONSTRAINT conference_activity_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES conference_meeting(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT conference_activity_participant_id_fkey FOREIGN KEY (participant_id) REFERENCES participant(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT conference_activity_pkey PRIMARY KEY (id)
) WITH (fillfactor=70);
CREATE INDEX conference_activity_meeting_id_in_at_ordinal_idx ON public.conference_activity USING btree (meeting_id, in_at, ordinal);
CREATE INDEX conference_activity_open ON public.conference_activity USING btree (meeting_id, participant_id) WHERE (close = false);
CREATE UNIQUE INDEX conference_activity_participant_id_event_event_at_key ON public.conference_activity USING btree (participant_id, event, event_at);
CREATE UNIQUE INDEX conference_activity_participant_id_ordinal_key ON public.conference_activity USING btree (participant_id, ordinal);
CREATE TRIGGER conference_activity_deleted AFTER DELETE ON public.conference_activity REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();
CREATE TRIGGER conference_activity_inserted AFTER INSERT ON public.conference_activity REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();
CREATE TRIGGER conference_activity_updated AFTER UPDATE ON public.conference_activity REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meetings();

CREATE TABLE conference_event (
  identity bytea NOT NULL,
  meeting_id bigint NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  internal_user_id text,
  external_user_id text,
  person_name text,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  received_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  remote_id text,
  CONSTRAINT conference_event_pkey PRIMARY KEY (identity)
);
CREATE INDEX conference_event_meeting_id_external_user_id_internal_user__idx ON public.conference_event USING btree (meeting_id, external_user_id, internal_user_id);
CREATE INDEX conference_event_meeting_id_received_at_idx ON public.conference_event USING btree (meeting_id, received_at);

CREATE TABLE conference_identity (
  meeting_id bigint NOT NULL,
  internal_user_id text NOT NULL,
  external_user_id text,
  tied_at timestamp(3) with time zone,
  tied_identity bytea,
  CONSTRAINT conference_identity_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES conference_meeting(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT conference_identity_pkey PRIMARY KEY (meeting_id, internal_user_id)
);
CREATE INDEX conference_identity_meeting_id_external_user_id_idx ON public.conference_identity USING btree (meeting_id, external_user_id);

CREATE TABLE conference_meeting (
  id bigint NOT NULL DEFAULT nextval('conference_meeting_id_seq'::regclass),
  access_url_id integer NOT NULL,
  occurrence_key text NOT NULL,
  internal_meeting_id text,
  remote_id text,
  title text,
  status text NOT NULL DEFAULT 'running'::text,
  provider text NOT NULL DEFAULT 'bbb'::text,
  record boolean NOT NULL DEFAULT false,
  voice_bridge text,
  video_url text,
  visibility integer,
  c_id integer,
  session_id integer,
  group_id integer,
  user_id integer,
  calendar_id integer,
  is_breakout boolean NOT NULL DEFAULT false,
  parent_internal_id text,
  created_at timestamp(3) with time zone NOT NULL,
  closed_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  presumed_end text,
  known boolean NOT NULL,
  announced_at timestamp(3) with time zone,
  announced_identity bytea,
  sealed_at timestamp(3) with time zone,
  emptied_at timestamp(3) with time zone,
  sealed_until timestamp(3) with time zone,
  remote_at timestamp(3) with time zone,
  remote_identity bytea,
  CONSTRAINT conference_meeting_pkey PRIMARY KEY (id)
);
CREATE INDEX conference_meeting_access_url_id_remote_id_idx ON public.conference_meeting USING btree (access_url_id, remote_id);
CREATE INDEX conference_meeting_breakouts ON public.conference_meeting USING btree (access_url_id, parent_internal_id) WHERE (is_breakout = true);
CREATE INDEX conference_meeting_created_at_id_idx ON public.conference_meeting USING btree (created_at DESC, id DESC);
CREATE INDEX conference_meeting_unemptied ON public.conference_meeting USING btree (created_at) WHERE (emptied_at IS NULL);
CREATE INDEX conference_meeting_unended ON public.conference_meeting USING btree (id) WHERE ((ended_at IS NULL) AND (presumed_end IS NULL) AND (sealed_at IS NULL));
CREATE UNIQUE INDEX conference_meeting_access_url_id_occurrence_key_key ON public.conference_meeting USING btree (access_url_id, occurrence_key);
CREATE TRIGGER conference_meeting_deleted AFTER DELETE ON public.conference_meeting REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();
CREATE TRIGGER conference_meeting_inserted AFTER INSERT ON public.conference_meeting REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();
CREATE TRIGGER conference_meeting_updated AFTER UPDATE ON public.conference_meeting REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_changed_meeting_rows();

CREATE TABLE conference_recording (
  id bigint NOT NULL DEFAULT nextval('conference_recording_id_seq'::regclass),
  meeting_id bigint NOT NULL,
  format_type text NOT NULL,
  url text NOT NULL,
  CONSTRAINT conference_recording_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES conference_meeting(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT conference_recording_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX conference_recording_meeting_id_format_type_url_key ON public.conference_recording USING btree (meeting_id, format_type, url);

CREATE TABLE dashboard_session (
  id_hash bytea NOT NULL,
  user_id bigint,
  meeting_id bigint,
  created_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  expires_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT dashboard_session_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES conference_meeting(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT dashboard_session_pkey PRIMARY KEY (id_hash),
  CONSTRAINT dashboard_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES dashboard_user(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX dashboard_session_expires_at_idx ON public.dashboard_session USING btree (expires_at);
CREATE INDEX dashboard_session_meeting_id_idx ON public.dashboard_session USING btree (meeting_id);
CREATE INDEX dashboard_session_user_id_idx ON public.dashboard_session USING btree (user_id);

CREATE TABLE dashboard_user (
  id bigint NOT NULL DEFAULT nextval('dashboard_user_id_seq'::regclass),
  name text NOT NULL,
  password_hash text NOT NULL,
  role text NOT NULL,
  access_url_id integer,
  created_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT dashboard_user_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX dashboard_user_name_key ON public.dashboard_user USING btree (name);

CREATE TABLE erased_meeting (
  access_url_id integer NOT NULL,
  id_hash bytea NOT NULL,
  erased_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT erased_meeting_pkey PRIMARY KEY (access_url_id, id_hash)
);

CREATE TABLE erased_person (
  access_url_id integer NOT NULL,
  id_hash bytea NOT NULL,
  pseudonym text NOT NULL,
  erased_at timestamp(3) with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT erased_person_pkey PRIMARY KEY (access_url_id, id_hash)
);

CREATE TABLE erasure_key (
  fingerprint bytea NOT NULL,
  CONSTRAINT erasure_key_pkey PRIMARY KEY (fingerprint)
);

CREATE TABLE participant (
  id bigint NOT NULL DEFAULT nextval('participant_id_seq'::regclass),
  meeting_id bigint NOT NULL,
  person_key text NOT NULL,
  name text,
  name_at timestamp(3) with time zone,
  name_identity bytea,
  state jsonb NOT NULL,
  last_at timestamp(3) with time zone,
  CONSTRAINT participant_meeting_id_fkey FOREIGN KEY (meeting_id) REFERENCES conference_meeting(id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT participant_pkey PRIMARY KEY (id)
) WITH (fillfactor=70);
CREATE INDEX participant_person_key_idx ON public.participant USING btree (person_key);
CREATE UNIQUE INDEX participant_meeting_id_person_key_key ON public.participant USING btree (meeting_id, person_key);

CREATE TABLE roster (
  access_url_id integer NOT NULL,
  remote_id text NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT roster_pkey PRIMARY KEY (access_url_id, remote_id)
);

CREATE TABLE roster_person (
  access_url_id integer NOT NULL,
  remote_id text NOT NULL,
  external_user_id text NOT NULL,
  name text,
  CONSTRAINT roster_person_access_url_id_remote_id_fkey FOREIGN KEY (access_url_id, remote_id) REFERENCES roster(access_url_id, remote_id) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT roster_person_pkey PRIMARY KEY (access_url_id, remote_id, external_user_id)
);
CREATE INDEX roster_person_access_url_id_external_user_id_idx ON public.roster_person USING btree (access_url_id, external_user_id);

CREATE TABLE webhook_hook (
  access_url_id integer NOT NULL,
  hook_id text NOT NULL,
  remote_id text,
  signed_at timestamp(3) with time zone NOT NULL,
  registered_at timestamp(3) with time zone NOT NULL,
  covered_since timestamp(3) with time zone NOT NULL,
  seen_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT webhook_hook_pkey PRIMARY KEY (access_url_id, hook_id)
);

CREATE TABLE webhook_hook_history (
  id bigint NOT NULL DEFAULT nextval('webhook_hook_history_id_seq'::regclass),
  access_url_id integer NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  event text NOT NULL,
  reason text NOT NULL,
  remote_id text,
  hook_id text,
  from_at timestamp(3) with time zone,
  to_at timestamp(3) with time zone,
  meetings text[] DEFAULT ARRAY[]::text[],
  CONSTRAINT webhook_hook_history_pkey PRIMARY KEY (id)
);
CREATE INDEX webhook_hook_history_access_url_id_id_idx ON public.webhook_hook_history USING btree (access_url_id, id DESC);
CREATE INDEX webhook_hook_history_open ON public.webhook_hook_history USING btree (access_url_id, event) WHERE (to_at IS NULL);

CREATE TABLE webhook_server (
  access_url_id integer NOT NULL,
  addresses text[] DEFAULT ARRAY[]::text[],
  answered_at timestamp(3) with time zone,
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamp(3) with time zone,
  problem text,
  next_look_at timestamp(3) with time zone,
  CONSTRAINT webhook_server_pkey PRIMARY KEY (access_url_id)
);

-- function notify_changed_meeting_rows()

-- function notify_changed_meetings()
