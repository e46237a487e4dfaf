import type { Store } from '@bbb-activity/store/client';
import type { BbbEvent } from './bbb-events.js';
import { afterEvent, emptyMetrics, type Metrics } from './metrics-document.js';

type Prisma = Store['prisma'];
type Transaction = Parameters<Parameters<Prisma['$transaction']>[0]>[0];

interface OpenActivity {
  readonly id: bigint;
  readonly metrics: Metrics;
}

/** Waiting for a connection of the pool, beside 63 other requests. */
const MAX_WAIT_MS = 30_000;

/**
 * One event, one transaction, as Chamilo's endpoint does it: find the meeting, find or make the person's open activity, update its metrics. The
 * activity is locked while its document is changed, or two requests at once would lose one of their changes.
 */
export async function recordEvent(prisma: Prisma, accessUrlId: number, event: BbbEvent): Promise<void> {
  await prisma.$transaction(
    async (tx) => {
      const meetingId = await meetingOf(tx, accessUrlId, event);
      if (event.name === 'meeting-ended') await closeMeeting(tx, meetingId, event);
      if (event.userId === null) return;
      const activity = (await openActivity(tx, meetingId, event.userId)) ?? (await createActivity(tx, meetingId, event));
      const left = event.name === 'user-left';
      await tx.conferenceActivity.update({
        where: { id: activity.id },
        data: { metrics: { ...afterEvent(activity.metrics, event) }, ...(left && { outAt: new Date(event.at), close: true }) },
        select: { id: true },
      });
    },
    { maxWait: MAX_WAIT_MS },
  );
}

async function meetingOf(tx: Transaction, accessUrlId: number, event: BbbEvent): Promise<bigint> {
  const occurrenceKey = `i:${event.internalMeetingId}`;
  const where = { accessUrlId_occurrenceKey: { accessUrlId, occurrenceKey } };
  const found = await tx.conferenceMeeting.findUnique({ where, select: { id: true } });
  if (found !== null) return found.id;
  const ids = { accessUrlId, occurrenceKey, internalMeetingId: event.internalMeetingId, remoteId: event.meetingId };
  const data = { ...ids, known: true, createdAt: new Date(event.at) };
  return (await tx.conferenceMeeting.upsert({ where, create: data, update: {}, select: { id: true } })).id;
}

async function openActivity(tx: Transaction, meetingId: bigint, userId: string): Promise<OpenActivity | undefined> {
  const rows = await tx.$queryRaw<OpenActivity[]>`
    SELECT a.id, a.metrics FROM conference_activity a JOIN participant p ON p.id = a.participant_id
    WHERE p.meeting_id = ${meetingId} AND p.person_key = ${userId} AND NOT a.close
    ORDER BY a.id DESC LIMIT 1 FOR UPDATE OF a`;
  return rows[0];
}

async function createActivity(tx: Transaction, meetingId: bigint, event: BbbEvent): Promise<OpenActivity> {
  const personKey = event.userId ?? '';
  const participant = await tx.participant.upsert({
    where: { meetingId_personKey: { meetingId, personKey } },
    create: { meetingId, personKey, name: event.userName, state: {} },
    update: {},
    select: { id: true },
  });
  const metrics = emptyMetrics();
  const { id } = await tx.conferenceActivity.create({
    data: {
      meetingId,
      participantId: participant.id,
      inAt: new Date(event.at),
      type: 'participant',
      event: 'joined',
      eventAt: new Date(event.at),
      metrics: { ...metrics },
    },
    select: { id: true },
  });
  return { id, metrics };
}

async function closeMeeting(tx: Transaction, meetingId: bigint, event: BbbEvent): Promise<void> {
  const at = new Date(event.at);
  await tx.conferenceMeeting.update({ where: { id: meetingId }, data: { status: 'ended', closedAt: at }, select: { id: true } });
  await tx.conferenceActivity.updateMany({ where: { meetingId, close: false }, data: { close: true, outAt: at } });
}
