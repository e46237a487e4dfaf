-- AlterTable
ALTER TABLE "conference_meeting" ADD COLUMN     "sealed_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "erased_person" (
    "access_url_id" INTEGER NOT NULL,
    "id_hash" BYTEA NOT NULL,
    "pseudonym" TEXT NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_person_pkey" PRIMARY KEY ("access_url_id","id_hash")
);
