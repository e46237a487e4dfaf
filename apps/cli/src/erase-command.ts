import { Command, CommanderError } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { eraseMeetings } from './erase-meetings.js';
import { eraseUser } from './erase-user.js';
import { withPersonalData } from './personal-data.js';

export function eraseCommand(context: CommandContext): Command {
  return new Command('erase')
    .description('erases a person, or a meeting, everywhere and for ever, without asking again: see docs/privacy.md')
    .option('--user <id>', 'the external user id, else the internal one that stands for the person: a pseudonym takes its place')
    .option('--meeting <id>', 'the internal meeting id; an external one erases all meetings of the room')
    .addOption(accessUrlOption())
    .action(async (options: { user?: string; meeting?: string; accessUrl?: number }) => {
      const { user, meeting } = options;
      await withPersonalData(context, options, async (data) => {
        if (user !== undefined && meeting === undefined) return eraseUser(data, user, context.print);
        if (meeting !== undefined && user === undefined) return eraseMeetings(data, meeting, context.print);
        throw new CommanderError(1, 'erase.what', 'error: either --user or --meeting is needed');
      });
    });
}
