import { type ExpectedSession, expectedSessions } from './expected-sessions.js';
import type { ConnectionScript, OccurrenceScript } from './meeting-script.js';
import type { ToldOccurrence } from './tell-script.js';

/** What the rows of one occurrence must hold. Times are unix ms. */
export interface ExpectedOccurrence {
  readonly internalId: string | null;
  /** Null where no event tells it. */
  readonly externalId: string | null;
  /** Time of its earliest event. */
  readonly createdAt: number;
  /** The first end is final; of a flat occurrence it is the last that is told. */
  readonly endedAt: number | null;
  /** By external user id, or by the internal id that stands for a person whom no event names. */
  readonly people: Readonly<Record<string, ExpectedPerson>>;
}

export interface ExpectedPerson {
  /** Null where no event tells it. */
  readonly name: string | null;
  readonly sessions: readonly ExpectedSession[];
}

/**
 * The numbers of an occurrence, from its script (docs/metrics.md). What its events tell is asked only for what else nothing can
 * say: which names and ids were told at all, and when it was first heard of.
 */
export function expectedNumbers({ script, events }: ToldOccurrence): ExpectedOccurrence {
  const heard = events.filter(({ meaning }) => meaning !== 'unheard_of');
  const people: Record<string, ExpectedPerson> = {};
  for (const [key, connections] of connectionsByKey(script)) {
    // Of a person without internal ids every event tells the external one.
    const ids = new Set(connections.map(({ internalId }) => internalId));
    const names = heard.flatMap(({ user }) => {
      const own = user !== null && (user.internalId === null ? user.externalId === key : ids.has(user.internalId));
      return own && user.name !== null ? [user.name] : [];
    });
    people[key] = { name: names[0] ?? null, sessions: expectedSessions(script, connections) };
  }
  const isFlat = script.internalId === null;
  const told = heard.some(({ meeting }) => meeting.externalId !== null);
  return {
    internalId: script.internalId,
    externalId: isFlat || told ? script.externalId : null,
    createdAt: Math.min(...heard.map(({ at }) => at)),
    endedAt: (isFlat ? script.endedAt.at(-1) : script.endedAt[0]) ?? null,
    people,
  };
}

/** Who is who, as far as it is told (docs/metrics.md, "Person"): a connection that no event ties is a person of its own. */
function connectionsByKey(script: OccurrenceScript): Map<string, ConnectionScript[]> {
  const byKey = new Map<string, ConnectionScript[]>();
  for (const person of script.people) {
    for (const connection of person.connections) {
      const untied = connection.internalId !== null && connection.tellsExternalId === 'never';
      const key = untied ? (connection.internalId ?? '') : person.externalId;
      byKey.set(key, [...(byKey.get(key) ?? []), connection]);
    }
  }
  return byKey;
}
