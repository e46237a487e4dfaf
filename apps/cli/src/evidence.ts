import type { DeadLetter } from '@bbb-activity/queue/dead-letters';
import { readDeadLetters } from '@bbb-activity/queue/read-jobs';
import { rewriteDeadLetters } from '@bbb-activity/queue/rewrite-jobs';
import { type Mention, type Mentioned, mentionOf } from '@bbb-activity/store/mentions';
import { isSealedPayload, openSealed } from '@bbb-activity/store/sealed-letters';
import { isEvent } from '@bbb-activity/store/without-erased';
import type { PersonalData } from './personal-data.js';

/** What dead letters hold that nobody can read as events: what of it tells of somebody goes by docs/privacy.md, "What cannot be read". */
interface Evidence {
  /** Null where it is sealed under another key. */
  readonly text: string | null;
  /** The payload with the text opened. */
  readonly opened: unknown;
}

/** Null for what is an event, and for what is of another access URL. */
function evidenceOf({ payload }: DeadLetter, { identityKey, accessUrlId }: PersonalData): Evidence | null {
  if (isEvent(payload)) return null;
  if (!isSealedPayload(payload)) return { text: JSON.stringify(payload) ?? '', opened: payload };
  if (payload.accessUrlId !== accessUrlId) return null;
  const text = openSealed(payload, identityKey);
  return { text, opened: { accessUrlId, text } };
}

/** Shows every letter that holds evidence about somebody. @returns how many letters are sealed under another key */
export async function readEvidence(
  data: PersonalData,
  mentioned: Mentioned,
  read: (mention: Exclude<Mention, 'none'>, opened: DeadLetter) => Promise<void>,
): Promise<number> {
  let unopened = 0;
  await readDeadLetters(data.backend, async (letter) => {
    const evidence = evidenceOf(letter, data);
    if (evidence === null) return;
    if (evidence.text === null) unopened += 1;
    const mention = evidence.text === null ? 'none' : mentionOf(evidence.text, mentioned);
    if (mention !== 'none') await read(mention, { ...letter, payload: evidence.opened });
  });
  return unopened;
}

export interface RemovedEvidence {
  readonly removed: number;
  /** Letters that were left since it is not sure whom they tell of. */
  readonly left: number;
  /** Letters that are sealed under another key. */
  readonly unopened: number;
}

/** Removes the letters that tell of somebody by an id or a name, and with `loose` those that may do so. */
export async function removeEvidence(data: PersonalData, mentioned: Mentioned, loose: boolean): Promise<RemovedEvidence> {
  let left = 0;
  let unopened = 0;
  const { removed } = await rewriteDeadLetters(data.backend, async (letter) => {
    const evidence = evidenceOf(letter, data);
    if (evidence === null) return undefined;
    if (evidence.text === null) unopened += 1;
    const mention = evidence.text === null ? 'none' : mentionOf(evidence.text, mentioned);
    if (mention === 'none') return undefined;
    if (mention !== 'loose' || loose) return null;
    left += 1;
    return undefined;
  });
  return { removed, left, unopened };
}

/** One line for each sort of letter of which it is not known whether it tells of somebody. */
export function doubtsOf({ left, unopened }: Pick<RemovedEvidence, 'left' | 'unopened'>): string[] {
  const doubts: string[] = [];
  if (left > 0) {
    doubts.push(
      `${left} dead letters hold such a word, perhaps about something else: look at them, or take them along with --loose`,
    );
  }
  if (unopened > 0) doubts.push(`${unopened} dead letters are sealed under another key: nobody can tell what they are about`);
  return doubts;
}
