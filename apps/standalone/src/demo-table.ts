/** One participant as the read API tells it. */
export interface DemoParticipant {
  readonly externalUserId: string;
  readonly name: string | null;
  readonly sessions: number;
  readonly onlineSeconds: number;
  readonly talkSeconds: number;
  readonly talkSource: string;
  readonly microphoneSeconds: number;
  readonly cameraSeconds: number;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly online: boolean;
}

export interface DemoMeeting {
  readonly remoteId: string | null;
  readonly internalMeetingId: string | null;
  readonly title: string;
  readonly status: string;
  readonly participants: readonly DemoParticipant[];
}

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
