import type { ChecksumCover } from '@bbb-activity/signatures/bbb-checksum';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';

/** The generations of the sender that behave differently; `3.0` stands for 3.0 to 3.3.1. */
export const BBB_BEHAVIOURS = ['2.x', '3.0', '3.4', '3.5'] as const;
export type BbbBehaviourName = (typeof BBB_BEHAVIOURS)[number];

/**
 * What becomes of a hook that is not permanent after the last failed try (docs/wire.md, "Retry and failure"): `at-once`, it is gone;
 * `store-only`, it is listed and served until the program restarts, and gone then; `listed-dead`, the same, but it is served no more.
 */
export type HookDeletion = 'at-once' | 'store-only' | 'listed-dead';

/** What one generation does (docs/wire.md, "What BigBlueButton itself signs", "Retry and failure" and "The hooks API"). */
export interface BbbBehaviour {
  /** What the checksum of a delivery is made over. */
  readonly checksumCovers: ChecksumCover;
  /** Whether a meeting's hook is taken for a global one: it gets every meeting's events, and `hooks/list` tells no meeting of it. */
  readonly forgetsMeetingOfHook: boolean;
  /** Whether of several hooks for one meeting all get its events; otherwise the oldest alone. */
  readonly servesAllHooksOfMeeting: boolean;
  /** Whether the external id of an event that does not tell it is known by the internal one; otherwise no meeting's hook gets the event. */
  readonly knowsMeetingByInternalId: boolean;
  readonly deletion: HookDeletion;
  /** Whether a hook's deliveries go one after the other; otherwise each has a timer of its own. More than one event a post needs it. */
  readonly inOrder: boolean;
  /** Events that wait for the same hook and go in one post, at most. */
  readonly eventsPerPost: number;
  /** Whether a redirect is followed, a 301 or 302 as a GET without a body; otherwise it counts as a failure. */
  readonly followsRedirects: boolean;
  readonly hookIds: 'uuid' | 'number';
  /** Of calls to the hooks API that are taken. */
  readonly hooksApiAlgorithms: readonly ChecksumAlgorithm[];
}

const SINCE_3: Omit<BbbBehaviour, 'checksumCovers' | 'forgetsMeetingOfHook' | 'deletion'> = {
  servesAllHooksOfMeeting: false,
  knowsMeetingByInternalId: false,
  inOrder: false,
  eventsPerPost: 1,
  followsRedirects: true,
  hookIds: 'uuid',
  hooksApiAlgorithms: CHECKSUM_ALGORITHMS,
};

const BEHAVIOURS: Readonly<Record<BbbBehaviourName, BbbBehaviour>> = {
  '2.x': {
    checksumCovers: 'parsed',
    forgetsMeetingOfHook: false,
    servesAllHooksOfMeeting: true,
    knowsMeetingByInternalId: true,
    deletion: 'at-once',
    inOrder: true,
    eventsPerPost: 1,
    followsRedirects: false,
    hookIds: 'number',
    hooksApiAlgorithms: ['sha1'],
  },
  '3.0': { ...SINCE_3, checksumCovers: 'constant', forgetsMeetingOfHook: true, deletion: 'at-once' },
  '3.4': { ...SINCE_3, checksumCovers: 'body', forgetsMeetingOfHook: false, deletion: 'at-once' },
  '3.5': { ...SINCE_3, checksumCovers: 'body', forgetsMeetingOfHook: false, deletion: 'store-only' },
};

/** A generation's behaviour with some of it otherwise. Throws RangeError where less than one event would go in a post. */
export function bbbBehaviour(name: BbbBehaviourName, otherwise: Partial<BbbBehaviour> = {}): BbbBehaviour {
  const behaviour = { ...BEHAVIOURS[name], ...otherwise };
  if (!Number.isSafeInteger(behaviour.eventsPerPost) || behaviour.eventsPerPost < 1) {
    throw new RangeError(`eventsPerPost is ${behaviour.eventsPerPost}: it must be a whole number from 1`);
  }
  return { ...behaviour, inOrder: behaviour.inOrder || behaviour.eventsPerPost > 1 };
}
