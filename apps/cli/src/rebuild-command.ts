import type { Store } from '@bbb-activity/store/client';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import { type RebuildReport, rebuildOccurrence } from '@bbb-activity/store/rebuild-occurrence';
import { Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from './command-context.js';
import { printReports, summaryOf, withStore } from './rebuild-report.js';

export function rebuildCommand({ environment, print }: CommandContext): Command {
  return new Command('rebuild')
    .description('folds rows anew from the journal, tells what differs, and writes that and nothing else')
    .option('--meeting <id>', 'only this occurrence: the `id` that the read API tells, not the external id of its room', id)
    .option('--dry-run', 'tell what differs and write nothing', false)
    .action(({ meeting, dryRun }: { meeting?: string; dryRun: boolean }) =>
      withStore(environment, async (store) => {
        const reports = meeting === undefined ? rebuildAll(store, { dryRun }) : rebuildOne(store, meeting, dryRun);
        const totals = await printReports(reports, print);
        print(summaryOf(totals));
        if (dryRun || totals.differences === 0) return;
        print(`${totals.differences - totals.withoutJournal} mended`);
        if (totals.withoutJournal > 0) process.exitCode = 1;
      }),
    );
}

async function* rebuildOne(store: Store, meeting: string, dryRun: boolean): AsyncGenerator<RebuildReport> {
  const report = await rebuildOccurrence(store, meeting, { dryRun });
  if (report === null) throw new NoSuchMeetingError(meeting);
  yield report;
}

class NoSuchMeetingError extends Error {
  readonly code = 'no_such_meeting';

  constructor(meeting: string) {
    super(`there is no meeting ${meeting}`);
  }
}

function id(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('it must be the number of a meeting.');
  return text;
}
