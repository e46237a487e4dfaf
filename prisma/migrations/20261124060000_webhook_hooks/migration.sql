-- CreateTable
CREATE TABLE "webhook_hook" (
    "access_url_id" INTEGER NOT NULL,
    "hook_id" TEXT NOT NULL,
    "remote_id" TEXT,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,
    "covered_since" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_hook_pkey" PRIMARY KEY ("access_url_id","hook_id")
);

-- CreateTable
CREATE TABLE "webhook_hook_history" (
    "id" BIGSERIAL NOT NULL,
    "access_url_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "event" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "remote_id" TEXT,
    "hook_id" TEXT,
    "from_at" TIMESTAMPTZ(3),
    "to_at" TIMESTAMPTZ(3),
    "meetings" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "webhook_hook_history_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_server" (
    "access_url_id" INTEGER NOT NULL,
    "addresses" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "answered_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "problem" TEXT,
    "next_look_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_server_pkey" PRIMARY KEY ("access_url_id")
);

-- CreateIndex
CREATE INDEX "webhook_hook_history_access_url_id_id_idx" ON "webhook_hook_history"("access_url_id", "id" DESC);

-- CreateIndex
CREATE INDEX "webhook_hook_history_open" ON "webhook_hook_history"("access_url_id", "event") WHERE ("to_at" IS NULL);
