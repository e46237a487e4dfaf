import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { Command } from 'commander';
import type { CommandContext } from './command-context.js';
import { printReports, summaryOf, withStore } from './rebuild-report.js';

export function verifyCommand({ environment, print }: CommandContext): Command {
  return new Command('verify')
    .description('folds everything anew from the journal, writes nothing, and exits 1 where a row differs')
    .action(() =>
      withStore(environment, async (store) => {
        const totals = await printReports(rebuildAll(store, { dryRun: true }), print);
        print(summaryOf(totals));
        if (totals.differences > 0) process.exitCode = 1;
      }),
    );
}
