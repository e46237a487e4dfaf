import { Command } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { eraseMeetings } from './erase-meetings.js';
import { eraseUser } from './erase-user.js';
import { idArgument } from './id-argument.js';
import { meetingOption } from './named-meetings.js';
import { withPersonalData } from './personal-data.js';
import { besideSpool } from './waiting-spool.js';

export function eraseCommand(context: CommandContext): Command {
  return new Command('erase')
    .description('erases a person, or a meeting, everywhere and for ever, without asking again: see docs/privacy.md')
    .option(
      '--user <id>',
      'the external user id, else the internal one that stands for the person: a pseudonym takes its place',
      idArgument,
    )
    .addOption(meetingOption('the meeting'))
    .addOption(accessUrlOption())
    .option('--loose', 'remove also dead letters that cannot be read and hold such an id as any word or number', false)
    .action(async (options: { user?: string; meeting?: string; accessUrl?: number; loose: boolean }, command: Command) => {
      const { user, meeting, loose } = options;
      const { print } = context;
      if ((user === undefined) === (meeting === undefined)) {
        command.error('error: one of --user and --meeting is needed, and not both', { code: 'erase.what' });
      }
      await besideSpool(context.environment, print, () =>
        withPersonalData(context, options, async (data) => {
          const whole =
            user === undefined
              ? await eraseMeetings(data, meeting ?? '', { loose, print })
              : await eraseUser(data, user, { loose, print });
          if (!whole) process.exitCode = 1;
        }),
      );
    });
}
