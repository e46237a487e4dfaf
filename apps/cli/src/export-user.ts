import { readDeadLetters, readJobs } from '@bbb-activity/queue/read-jobs';
import { exportPerson } from '@bbb-activity/store/export-person';
import { rosterEntriesOf } from '@bbb-activity/store/rosters';
import { doubtsOf, readEvidence } from './evidence.js';
import { JsonDocument } from './json-document.js';
import { findPersonById } from './person-by-id.js';
import { NotFoundError, type PersonalData } from './personal-data.js';
import { tellsOf } from './queued-person.js';
import { unreadLines } from './unread-jobs.js';

export interface ExportOutcome {
  /** Whether everything could be read. */
  readonly whole: boolean;
  /** What else may be about the person, to be told to who asked. */
  readonly doubts: readonly string[];
}

/**
 * Writes part by part: a person's events of years are never held at once.
 *
 * @throws NotFoundError, ConnectionError before anything is written
 */
export async function exportUser(
  data: PersonalData,
  userId: string,
  loose: boolean,
  write: (text: string) => Promise<void>,
): Promise<ExportOutcome> {
  const { store, backend, accessUrlId } = data;
  const person = { accessUrlId, userId };
  const { found, queued } = await findPersonById(data, userId);
  const connections = [...new Set([...found.connections, ...queued.connections])];
  const names = [...new Set([...found.names, ...queued.names])];
  const document = new JsonDocument(write, { user: userId, accessUrlId, exportedAt: new Date().toISOString() });

  for await (const { sort, json } of exportPerson(store, person)) {
    if (sort === 'meeting') await document.beginGroup('meetings', sort, json);
    else await document.addToGroup(sort, json);
  }
  for (const { json } of await rosterEntriesOf(store.statements, accessUrlId, userId)) await document.add('rosters', json);
  const undecodable = await readJobs(backend, async (items) => {
    for (const item of items.filter((one) => tellsOf(one, person, connections)))
      await document.add('queued', JSON.stringify(item));
  });
  await readDeadLetters(backend, async (letter) => {
    if (tellsOf(letter.payload, person, connections)) await document.add('deadLetters', JSON.stringify(letter));
  });
  let left = 0;
  const unopened = await readEvidence(data, { sort: 'user', ids: [userId, ...connections], names }, async (mention, opened) => {
    if (mention === 'id' || loose) await document.add('deadLetters', JSON.stringify(opened));
    else left += 1;
  });
  const doubts = [...doubtsOf({ left, unopened }), ...unreadLines(undecodable)];
  if (document.isEmpty) {
    throw new NotFoundError([`nothing is stored about a user ${userId} of access URL ${accessUrlId}`, ...doubts].join('; '));
  }
  await document.end();
  return { whole: undecodable.length === 0 && unopened === 0, doubts };
}
