import { createHash } from 'node:crypto';
import { isRecord, type RawEvent, textAt } from './webhook-delivery.js';

/** A meeting that runs on a simulated BBB server. */
export interface BbbMeetingState {
  readonly externalId: string;
  readonly internalId: string;
  readonly name: string;
  /** Unix ms. */
  readonly createdAt: number;
  /** Who is inside, by internal user id: the attributes of `user` as their join told them. */
  readonly inside: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

export interface MeetingStart {
  /** The room. */
  readonly externalId: string;
  /** Default: made of the external id and the time, as BBB does. */
  readonly internalId?: string;
  readonly name?: string;
}

interface Running extends BbbMeetingState {
  readonly inside: Map<string, Readonly<Record<string, unknown>>>;
}

/** What a BBB server knows of its meetings: it learns it from the same events that it tells the hooks. */
export class BbbMeetings {
  readonly #running = new Map<string, Running>();

  /** The event that starts a meeting. */
  static created({ externalId, internalId, name = `Room ${externalId}` }: MeetingStart, at: number): RawEvent {
    const meeting = {
      'internal-meeting-id': internalId ?? `${createHash('sha1').update(externalId).digest('hex')}-${at}`,
      'external-meeting-id': externalId,
      name,
      'create-time': at,
    };
    return eventOf('meeting-created', { meeting }, at);
  }

  /** What is told when a meeting ends, in its order: a made-up `user-left` for everyone inside, then the end, whose time is the earlier one. */
  static ended({ externalId, internalId, inside }: BbbMeetingState, at: number): readonly RawEvent[] {
    const meeting = { 'internal-meeting-id': internalId, 'external-meeting-id': externalId };
    return [
      ...[...inside.values()].map((user) => eventOf('user-left', { meeting, user }, at + 1)),
      eventOf('meeting-ended', { meeting }, at),
    ];
  }

  note(event: RawEvent): void {
    const internalId = textAt(event, 'meeting', 'internal-meeting-id');
    if (internalId === null) return;
    const externalId = textAt(event, 'meeting', 'external-meeting-id') ?? this.#byInternalId(internalId)?.externalId ?? null;
    if (event.data.id === 'meeting-ended') {
      const ended = this.#byInternalId(internalId);
      if (ended !== undefined) this.#running.delete(ended.externalId);
      return;
    }
    if (event.data.id === 'meeting-created' && externalId !== null) {
      const name = textAt(event, 'meeting', 'name') ?? externalId;
      this.#running.set(externalId, { externalId, internalId, name, createdAt: event.data.event.ts, inside: new Map() });
      return;
    }
    const { user } = event.data.attributes;
    const userId = textAt(event, 'user', 'internal-user-id');
    const meeting = this.#byInternalId(internalId);
    if (meeting === undefined || userId === null || !isRecord(user)) return;
    if (event.data.id === 'user-joined') meeting.inside.set(userId, user);
    if (event.data.id === 'user-left') meeting.inside.delete(userId);
  }

  /** Those that run. */
  list(): readonly BbbMeetingState[] {
    return [...this.#running.values()];
  }

  /** By external id; null where it does not run. */
  find(externalId: string): BbbMeetingState | null {
    return this.#running.get(externalId) ?? null;
  }

  #byInternalId(internalId: string): Running | undefined {
    return [...this.#running.values()].find((meeting) => meeting.internalId === internalId);
  }
}

function eventOf(id: string, attributes: RawEvent['data']['attributes'], at: number): RawEvent {
  return { data: { type: 'event', id, attributes, event: { ts: at } } };
}
