import { Command } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';
import { meetingOption } from './named-meetings.js';
import { printReports, reportsOf, summaryOf, withStore } from './rebuild-report.js';

export function rebuildCommand({ environment, print }: CommandContext): Command {
  return new Command('rebuild')
    .description('folds rows anew from the journal, tells what differs, and writes that and nothing else')
    .addOption(meetingOption('only this meeting'))
    .addOption(accessUrlOption('the access URL of --meeting; needed where several have such a meeting'))
    .option('--dry-run', 'tell what differs, write nothing, and exit as verify', false)
    .action((options: { meeting?: string; accessUrl?: number; dryRun: boolean }) =>
      withStore(environment, async (store) => {
        const totals = await printReports(await reportsOf(store, options), print);
        print(summaryOf(totals));
        const left = options.dryRun ? totals.differences : totals.unmendable;
        if (!options.dryRun && totals.differences > 0) print(`${totals.differences - totals.unmendable} mended`);
        if (left > 0) process.exitCode = 1;
      }),
    );
}
