-- AlterTable
ALTER TABLE "conference_meeting" ADD COLUMN     "emptied_at" TIMESTAMPTZ(3),
ADD COLUMN     "sealed_until" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "conference_event_meeting_id_received_at_idx" ON "conference_event"("meeting_id", "received_at");

-- CreateIndex
CREATE INDEX "conference_meeting_unended" ON "conference_meeting"("id") WHERE ("ended_at" IS NULL AND "presumed_end" IS NULL AND "sealed_at" IS NULL);

-- CreateIndex
CREATE INDEX "conference_meeting_unemptied" ON "conference_meeting"("created_at") WHERE ("emptied_at" IS NULL);
