-- CreateTable
CREATE TABLE "erased_meeting" (
    "access_url_id" INTEGER NOT NULL,
    "id_hash" BYTEA NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_meeting_pkey" PRIMARY KEY ("access_url_id","id_hash")
);

-- CreateTable
CREATE TABLE "erasure_key" (
    "fingerprint" BYTEA NOT NULL,

    CONSTRAINT "erasure_key_pkey" PRIMARY KEY ("fingerprint")
);
