import { readSettings } from '@bbb-activity/config/read-settings';
import { migrate } from '@bbb-activity/store/migrate';
import { Command } from 'commander';
import type { CommandContext } from './command-context.js';

export function migrateCommand({ environment, print }: CommandContext): Command {
  return new Command('migrate').description('brings the database at DATABASE_URL to the present schema').action(async () => {
    const { DATABASE_URL } = readSettings(environment, [], ['DATABASE_URL']);
    const applied = await migrate(DATABASE_URL);
    for (const name of applied) print(`applied ${name}`);
    print(applied.length === 0 ? 'nothing to apply' : `${applied.length} applied`);
  });
}
