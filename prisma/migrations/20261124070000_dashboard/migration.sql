-- DropIndex
DROP INDEX "conference_activity_meeting_id_in_at_idx";

-- CreateTable
CREATE TABLE "roster" (
    "access_url_id" INTEGER NOT NULL,
    "remote_id" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "roster_pkey" PRIMARY KEY ("access_url_id","remote_id")
);

-- CreateTable
CREATE TABLE "roster_person" (
    "access_url_id" INTEGER NOT NULL,
    "remote_id" TEXT NOT NULL,
    "external_user_id" TEXT NOT NULL,
    "name" TEXT,

    CONSTRAINT "roster_person_pkey" PRIMARY KEY ("access_url_id","remote_id","external_user_id")
);

-- CreateTable
CREATE TABLE "dashboard_user" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "access_url_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dashboard_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dashboard_session" (
    "id_hash" BYTEA NOT NULL,
    "user_id" BIGINT,
    "meeting_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dashboard_session_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "role" TEXT NOT NULL,
    "access_url_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "roster_person_access_url_id_external_user_id_idx" ON "roster_person"("access_url_id", "external_user_id");

-- CreateIndex
CREATE UNIQUE INDEX "dashboard_user_name_key" ON "dashboard_user"("name");

-- CreateIndex
CREATE INDEX "dashboard_session_user_id_idx" ON "dashboard_session"("user_id");

-- CreateIndex
CREATE INDEX "dashboard_session_meeting_id_idx" ON "dashboard_session"("meeting_id");

-- CreateIndex
CREATE INDEX "dashboard_session_expires_at_idx" ON "dashboard_session"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_name_key" ON "api_token"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token"("token_hash");

-- CreateIndex
CREATE INDEX "conference_activity_meeting_id_in_at_ordinal_idx" ON "conference_activity"("meeting_id", "in_at", "ordinal");

-- CreateIndex
CREATE INDEX "conference_meeting_breakouts" ON "conference_meeting"("access_url_id", "parent_internal_id") WHERE ("is_breakout" = true);

-- AddForeignKey
ALTER TABLE "roster_person" ADD CONSTRAINT "roster_person_access_url_id_remote_id_fkey" FOREIGN KEY ("access_url_id", "remote_id") REFERENCES "roster"("access_url_id", "remote_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dashboard_session" ADD CONSTRAINT "dashboard_session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "dashboard_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dashboard_session" ADD CONSTRAINT "dashboard_session_meeting_id_fkey" FOREIGN KEY ("meeting_id") REFERENCES "conference_meeting"("id") ON DELETE CASCADE ON UPDATE CASCADE;

