import type { Meeting } from '@bbb-activity/app-dashboard/schemas/meetings';
import type { Participant } from '@bbb-activity/app-dashboard/schemas/participants';

/** A meeting and its participants as the read API tells them. */
export type DemoMeeting = Pick<Meeting, 'remoteId' | 'internalMeetingId' | 'title' | 'status'> & {
  readonly participants: readonly Participant[];
};

/** A meeting as a table for a terminal, a line a participant. */
export function meetingTable(meeting: DemoMeeting): string {
  const head = ['user', 'name', 'sessions', 'online', 'talk', 'camera', 'messages', 'reactions', 'hands'];
  const rows = meeting.participants.map((one) => [
    one.externalUserId,
    one.name ?? '',
    String(one.sessions),
    clock(one.onlineSeconds),
    clock(one.talkSeconds),
    clock(one.cameraSeconds),
    String(one.messages),
    String(one.reactions),
    String(one.hands),
  ]);
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  const sources = new Set(meeting.participants.map(({ talkSource }) => talkSource));
  return [
    `${meeting.title} (${meeting.status})`,
    `  ${line(head)}`,
    `  ${widths.map((width) => '-'.repeat(width)).join('  ')}`,
    ...rows.map((row) => `  ${line(row)}`),
    `  times are h:mm:ss; talk is ${[...sources].join(' or ')} time`,
  ].join('\n');
}

/** Hours go on beyond 24. */
function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
