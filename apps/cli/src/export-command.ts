import { rewriteDeadLetters, rewriteJobs } from '@bbb-activity/queue/rewrite-jobs';
import { findPersonToErase } from '@bbb-activity/store/erase-person';
import { exportPerson } from '@bbb-activity/store/export-person';
import { mentions } from '@bbb-activity/store/mentions';
import { isSealedPayload, openSealed } from '@bbb-activity/store/sealed-letters';
import { Command } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { JsonDocument } from './json-document.js';
import { NotFoundError, type PersonalData, withPersonalData } from './personal-data.js';
import { tellsOf } from './queued-person.js';

export function exportCommand(context: CommandContext): Command {
  return new Command('export')
    .description('writes all that is stored about a person as one JSON document: see docs/privacy.md')
    .requiredOption('--user <id>', 'the external user id, else the internal one that stands for the person')
    .addOption(accessUrlOption())
    .action(async (options: { user: string; accessUrl?: number }) => {
      await withPersonalData(context, options, (data) => exportUser(data, options.user, context.write));
    });
}

/** Writes part by part: a person's events of years are never held at once. @throws NotFoundError before anything is written */
async function exportUser(data: PersonalData, userId: string, write: (text: string) => Promise<void>): Promise<void> {
  const { store, backend, erasureKey, identityKey, accessUrlId } = data;
  const person = { accessUrlId, userId };
  const { words } = await findPersonToErase(store, erasureKey, person);
  const document = new JsonDocument(write, { user: userId, accessUrlId, exportedAt: new Date().toISOString() });

  for await (const { sort, json } of exportPerson(store, person)) {
    if (sort === 'meeting') await document.beginGroup('meetings', sort, json);
    else await document.addToGroup(sort, json);
  }
  await rewriteJobs(backend, async (items) => {
    for (const item of items.filter((one) => tellsOf(one, person, words))) await document.add('queued', JSON.stringify(item));
    return null;
  });
  await rewriteDeadLetters(backend, async (letter) => {
    const { payload } = letter;
    if (tellsOf(payload, person, words)) await document.add('deadLetters', JSON.stringify(letter));
    if (!isSealedPayload(payload) || payload.accessUrlId !== accessUrlId) return undefined;
    const text = openSealed(payload, identityKey);
    if (text !== null && mentions(text, words)) {
      await document.add('deadLetters', JSON.stringify({ ...letter, payload: { accessUrlId, text } }));
    }
    return undefined;
  });
  if (document.isEmpty) throw new NotFoundError(`nothing is stored about a user ${userId} of access URL ${accessUrlId}`);
  await document.end();
}
