import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import type { StoredDeadLetter } from '@bbb-activity/queue/dead-letters';
import type { KeyedItem } from '@bbb-activity/queue/partition-publisher';
import { isSealedPayload } from '@bbb-activity/store/sealed-letters';
import { isEvent } from '@bbb-activity/store/without-erased';
import type { DeadLetter } from './schemas/system.js';

const MOST_CHARACTERS = 8_000;

/** The event that a letter holds, with the key of its partition; null where it holds none. */
export function eventIn(payload: unknown): KeyedItem<ConferenceEvent> | null {
  return isEvent(payload) ? { key: partitionKeyOf(payload), item: payload } : null;
}

/** How much something is of which nobody knows what is in it: `sealed` is what ingress could not read. `bytes` as JSON. */
export function onlySize(held: unknown): { readonly holds: 'sealed' | 'other'; readonly bytes: number } {
  return { holds: isSealedPayload(held) ? 'sealed' : 'other', bytes: Buffer.byteLength(JSON.stringify(held) ?? '') };
}

/** A letter as it is shown: what it holds is redacted, or sealed, since before it was put aside (docs/privacy.md). */
export function toldLetter({ id, reason, detail, source, at, payload }: StoredDeadLetter): DeadLetter {
  const event = eventIn(payload)?.item ?? null;
  const json = JSON.stringify(payload, null, 2) ?? '';
  return {
    id,
    reason,
    detail,
    source,
    at: at === '' ? null : at,
    event: event?.name ?? null,
    meeting: event?.meeting.externalId ?? event?.meeting.internalId ?? null,
    user: event?.person?.externalId ?? event?.person?.internalId ?? null,
    redrivable: event !== null,
    payload: json.length > MOST_CHARACTERS ? `${json.slice(0, MOST_CHARACTERS)}…` : json,
  };
}
