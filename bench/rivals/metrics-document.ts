import type { BbbEvent } from './bbb-events.js';

/** `conference_activity.metrics` as Chamilo keeps it (docs/metrics.md, "The metrics document"): the running timers are in it. */
export interface Metrics {
  totals: { talk_seconds: number; camera_seconds: number };
  counts: { messages: number; reactions: number; hands: number; reactions_breakdown: Record<string, number> };
  temp: { talk_started_at: number; camera_started_at: number };
}

export function emptyMetrics(): Metrics {
  return {
    totals: { talk_seconds: 0, camera_seconds: 0 },
    counts: { messages: 0, reactions: 0, hands: 0, reactions_breakdown: {} },
    temp: { talk_started_at: 0, camera_started_at: 0 },
  };
}

/** The document after an event. */
export function afterEvent(before: Metrics, event: BbbEvent): Metrics {
  const metrics = structuredClone(before);
  const { totals, counts, temp } = metrics;
  const seconds = Math.floor(event.at / 1_000);
  const stop = (timer: 'talk' | 'camera') => {
    const startedAt = temp[`${timer}_started_at`];
    if (startedAt > 0) totals[`${timer}_seconds`] += Math.max(0, seconds - startedAt);
    temp[`${timer}_started_at`] = 0;
  };
  switch (event.name) {
    case 'user-audio-unmuted':
      if (temp.talk_started_at === 0) temp.talk_started_at = seconds;
      break;
    case 'user-audio-muted':
      stop('talk');
      break;
    case 'user-cam-broadcast-start':
      if (temp.camera_started_at === 0) temp.camera_started_at = seconds;
      break;
    case 'user-cam-broadcast-end':
      stop('camera');
      break;
    case 'chat-group-message-sent':
      counts.messages += 1;
      break;
    case 'user-emoji-changed':
      counts.reactions += 1;
      counts.reactions_breakdown[event.emoji ?? ''] = (counts.reactions_breakdown[event.emoji ?? ''] ?? 0) + 1;
      break;
    case 'user-raise-hand-changed':
      if (event.handRaised) counts.hands += 1;
      break;
    case 'user-left':
      stop('talk');
      stop('camera');
      break;
  }
  return metrics;
}
