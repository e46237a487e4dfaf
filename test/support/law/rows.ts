import { expectedDocument } from '@bbb-activity/simulator/expected-document';
import type { ExpectedOccurrence } from '@bbb-activity/simulator/expected-numbers';
import type { ExpectedSession } from '@bbb-activity/simulator/expected-sessions';

/** All that the tables say of one occurrence, in one shape for the database, the fold and the script. Times are unix ms. */
export interface OccurrenceRows {
  readonly internalId: string | null;
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly presumedEnd: 'not_running' | 'silence' | null;
  readonly closedAt: number | null;
  readonly known: boolean;
  readonly announced: { readonly at: number; readonly title: string | null } | null;
  readonly people: Readonly<Record<string, PersonRows>>;
}

export interface PersonRows {
  readonly name: string | null;
  readonly sessions: readonly SessionRows[];
}

/** One row of `conference_activity`. */
export interface SessionRows {
  readonly inAt: number;
  readonly outAt: number | null;
  readonly closedBy: string | null;
  readonly elapsed: Timers<number>;
  readonly running: Timers<number | null>;
  readonly talkSeen: boolean;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly pollAnswers: number;
  readonly metrics: unknown;
}

type Timers<T> = Readonly<Record<'talk' | 'microphone' | 'camera' | 'screenshare', T>>;

/** What the script of a generated meeting comes to. */
export function rowsOfScript({ people, ...occurrence }: ExpectedOccurrence): OccurrenceRows {
  const told = Object.entries(people).map(([key, { name, sessions }]) => [key, { name, sessions: sessions.map(rowOf) }] as const);
  return { ...occurrence, people: Object.fromEntries(told) };
}

function rowOf(session: ExpectedSession): SessionRows {
  const { talkHeard, reactions, ...same } = session;
  return {
    ...same,
    talkSeen: talkHeard,
    reactions: Object.values(reactions).reduce((sum, count) => sum + count, 0),
    reactionsBreakdown: reactions,
    metrics: expectedDocument(session),
  };
}

/** By internal id, the flat one last. */
export function inOrder(occurrences: readonly OccurrenceRows[]): OccurrenceRows[] {
  const key = ({ internalId }: OccurrenceRows) => internalId ?? '~';
  return [...occurrences].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
