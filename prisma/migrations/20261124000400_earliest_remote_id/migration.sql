-- AlterTable
ALTER TABLE "conference_meeting" ADD COLUMN     "remote_at" TIMESTAMPTZ(3),
ADD COLUMN     "remote_identity" BYTEA;

-- AlterTable
ALTER TABLE "conference_event" ADD COLUMN     "remote_id" TEXT;
