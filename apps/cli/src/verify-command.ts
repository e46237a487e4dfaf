import { Command } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { meetingOption } from './named-meetings.js';
import { printReports, reportsOf, summaryOf, withStore } from './rebuild-report.js';

export function verifyCommand({ environment, print }: CommandContext): Command {
  return new Command('verify')
    .description(
      'folds everything anew from the journal, writes nothing, and exits 1 where a row differs, 2 where it could not look',
    )
    .addOption(meetingOption('only this meeting'))
    .addOption(accessUrlOption('the access URL of --meeting; needed where several have such a meeting'))
    .action((options: { meeting?: string; accessUrl?: number }) =>
      withStore(environment, async (store) => {
        const totals = await printReports(await reportsOf(store, { ...options, dryRun: true }), print);
        print(summaryOf(totals));
        if (totals.differences > 0) process.exitCode = 1;
      }),
    );
}
