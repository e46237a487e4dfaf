import { Command } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { exportUser } from './export-user.js';
import { idArgument } from './id-argument.js';
import { withPersonalData } from './personal-data.js';
import { besideSpool } from './waiting-spool.js';

export function exportCommand(context: CommandContext): Command {
  return new Command('export')
    .description('writes all that is stored about a person as one JSON document: see docs/privacy.md')
    .requiredOption('--user <id>', 'the external user id, else the internal one that stands for the person', idArgument)
    .addOption(accessUrlOption())
    .option(
      '--loose',
      'give also dead letters that cannot be read and hold a name of the person, or the id as any word or number',
      false,
    )
    .action(async (options: { user: string; accessUrl?: number; loose: boolean }) => {
      const tell = (line: string) => void process.stderr.write(`bbb-activity: ${line}\n`);
      await besideSpool(context.environment, tell, () =>
        withPersonalData(context, options, async (data) => {
          const { whole, doubts } = await exportUser(data, options.user, options.loose, context.write);
          for (const line of doubts) tell(line);
          if (!whole) process.exitCode = 1;
        }),
      );
    });
}
