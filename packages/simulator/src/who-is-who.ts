import type { ConnectionScript, OccurrenceScript, PersonScript, StayScript, TieScript } from './meeting-script.js';

/**
 * Every person by the id that stands for them, with their connections, as far as it is told (docs/metrics.md, "Person"): what a
 * connection that names nobody does is its first tie's, and without any its own.
 */
export function whoIsWho(script: OccurrenceScript): Map<string, ConnectionScript[]> {
  const byKey = new Map<string, ConnectionScript[]>();
  const add = (key: string, ...connections: ConnectionScript[]) => byKey.set(key, [...(byKey.get(key) ?? []), ...connections]);
  for (const person of script.people) {
    for (const connection of person.connections) {
      add(personOf(person, connection), connection);
      for (const tie of connection.ties.slice(1)) add(tie.externalId, ...seenThrough(connection, tie));
    }
  }
  return byKey;
}

/** Whom a connection's events without an external id belong to. */
export function personOf(person: PersonScript, { internalId, tellsExternalId, ties }: ConnectionScript): string {
  const [first] = ties;
  if (first !== undefined) return first.externalId;
  return internalId !== null && tellsExternalId === 'never' ? internalId : person.externalId;
}

/** A later tie has nothing of the connection but itself. */
function seenThrough(connection: ConnectionScript, { at, told }: TieScript): ConnectionScript[] {
  if (told === 'listening') return [];
  const stay: StayScript = {
    from: at,
    to: null,
    joinTold: false,
    sources: [],
    messages: [at],
    reactions: [],
    hands: [],
    pollAnswers: [],
    lateMessages: [],
    lateStarts: [],
  };
  return [{ ...connection, ties: [], stays: [stay] }];
}
