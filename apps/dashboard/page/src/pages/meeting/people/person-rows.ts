import type { Participant } from '../../../../../src/schemas/participants.js';
import type { Sorting } from '../../../parts/sort-head.js';

/** A person of the table. */
export interface PersonRow extends Participant {
  /** The name that is shown: the id where none was told. */
  readonly shown: string;
  /** Null where no score is asked for. */
  readonly score: number | null;
}

/** The people of a meeting as rows; `scores` in their order, or none. */
export function personRows(people: readonly Participant[], scores: readonly number[] = []): readonly PersonRow[] {
  return people.map((person, index) => ({
    ...person,
    shown: person.name ?? person.externalUserId,
    score: scores[index] ?? null,
  }));
}

/** By what the table sorts, and in which order first. */
export const PERSON_SORTS = {
  name: 'asc',
  share: 'desc',
  online: 'desc',
  talk: 'desc',
  camera: 'desc',
  messages: 'desc',
  reactions: 'desc',
  hands: 'desc',
  joined: 'asc',
  left: 'desc',
  score: 'desc',
} as const;

export type PersonSort = keyof typeof PERSON_SORTS;

const byLetter = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

const BY: Readonly<Record<PersonSort, (one: PersonRow, other: PersonRow) => number>> = {
  name: (one, other) => byLetter.compare(one.shown, other.shown),
  share: (one, other) => one.onlineSeconds - other.onlineSeconds,
  online: (one, other) => one.onlineSeconds - other.onlineSeconds,
  talk: (one, other) => one.talkSeconds - other.talkSeconds,
  camera: (one, other) => one.cameraSeconds - other.cameraSeconds,
  messages: (one, other) => one.messages - other.messages,
  reactions: (one, other) => one.reactions - other.reactions,
  hands: (one, other) => one.hands - other.hands,
  joined: (one, other) => compareTexts(one.firstJoinedAt ?? '', other.firstJoinedAt ?? ''),
  // Who has not left is later than who has.
  left: (one, other) => compareTexts(one.lastLeftAt ?? '~', other.lastLeftAt ?? '~'),
  score: (one, other) => (one.score ?? 0) - (other.score ?? 0),
};

/** The people whose name or id contains the text, whatever its case and accents; those that are equal stay in their order. */
export function foundPeople(rows: readonly PersonRow[], sought: string): readonly PersonRow[] {
  const wanted = plain(sought.trim());
  return wanted === '' ? rows : rows.filter(({ shown, externalUserId }) => plain(`${shown} ${externalUserId}`).includes(wanted));
}

export function sortedPeople(rows: readonly PersonRow[], { by, order }: Sorting<PersonSort>): readonly PersonRow[] {
  const sign = order === 'asc' ? 1 : -1;
  return rows.toSorted((one, other) => sign * BY[by](one, other));
}

/** Texts of ISO times compare as the times do. */
function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
