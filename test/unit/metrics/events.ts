import type { FoldEvent, FoldKind } from '@bbb-activity/metrics/fold-event';

type Particulars = Partial<Pick<FoldEvent, 'connection' | 'stream' | 'emoji' | 'hand' | 'identity'>>;

/** An event at `at` ms, on connection `w_a` unless told otherwise; its identity is its content, as on the wire. */
export function event(kind: FoldKind, at: number, particulars: Particulars = {}): FoldEvent {
  const content = { kind, at, connection: 'w_a', stream: null, emoji: null, hand: null, ...particulars };
  return { identity: JSON.stringify(Object.values(content)), ...content };
}

export const joined = (at: number, connection: string | null = 'w_a') => event('joined', at, { connection });
export const left = (at: number, connection: string | null = 'w_a') => event('left', at, { connection });
export const talks = (at: number, connection: string | null = 'w_a') => event('talk_started', at, { connection });
export const falls = (at: number, connection: string | null = 'w_a') => event('talk_stopped', at, { connection });
export const unmutes = (at: number, connection: string | null = 'w_a') => event('microphone_opened', at, { connection });
export const mutes = (at: number, connection: string | null = 'w_a') => event('microphone_closed', at, { connection });
export const films = (at: number, stream: string | null = null, connection: string | null = 'w_a') =>
  event('camera_started', at, { connection, stream });
export const darkens = (at: number, stream: string | null = null, connection: string | null = 'w_a') =>
  event('camera_stopped', at, { connection, stream });
export const shares = (at: number, connection: string | null = 'w_a') => event('screenshare_started', at, { connection });
export const unshares = (at: number, connection: string | null = 'w_a') => event('screenshare_stopped', at, { connection });
export const writes = (at: number, connection: string | null = 'w_a', identity?: string) =>
  event('message', at, { connection, ...(identity !== undefined && { identity }) });
export const reacts = (at: number, emoji: string | null, connection: string | null = 'w_a') =>
  event('reaction', at, { connection, emoji });
export const raises = (at: number, hand: FoldEvent['hand'] = 'raise', connection: string | null = 'w_a') =>
  event('hand_raised', at, { connection, hand });
export const votes = (at: number, connection: string | null = 'w_a') => event('poll_answered', at, { connection });
export const meetingEnded = (at: number) => event('meeting_ended', at, { connection: null });
