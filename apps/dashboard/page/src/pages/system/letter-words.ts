import { enFaults } from '../../words/en-faults.js';
import type { Words } from '../../words/words-context.js';

type LetterWord = Extract<keyof typeof enFaults, `letter.${string}`>;

/** Why something was put aside, in the reader's words; a reason that this page does not know is told as it is. */
export function reasonText(reason: string, t: Words['t']): string {
  const word = `letter.${reason}`;
  return isLetterWord(word) ? t(word) : reason;
}

/** What ingress tells of what it could not read (apps/ingress/src/intake.ts). */
const HOLDS = /^(?:(a part of)|the body of) a delivery, (\d+) bytes$/;

/** What a letter's detail tells, in the reader's words where they are known: null where it is the words of an error, or of another program. */
export function heldText(detail: string, t: Words['t']): string | null {
  const found = HOLDS.exec(detail);
  if (found === null) return null;
  const [, part, bytes] = found;
  return t(part === undefined ? 'letterHolds.body' : 'letterHolds.part', { count: Number(bytes) });
}

function isLetterWord(word: string): word is LetterWord {
  return Object.hasOwn(enFaults, word);
}
