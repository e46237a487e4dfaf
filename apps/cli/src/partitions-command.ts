import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { changePartitionCount, MOST_PARTITIONS, readPartitionCount } from '@bbb-activity/queue/partition-count';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from './command-context.js';

export function partitionsCommand({ environment, log, print }: CommandContext): Command {
  const withBackend = async (work: (backend: QueueBackend) => Promise<void>) => {
    const backend = await connectBackend(readQueueSettings(environment), log);
    try {
      await work(backend);
    } finally {
      await backend.close();
    }
  };

  return new Command('partitions')
    .description("shows or changes the queue's number of partitions")
    .addCommand(
      new Command('show').description('the number, and how much waits in each').action(() =>
        withBackend(async (backend) => {
          const count = await readPartitionCount(backend);
          if (count === null) return print('the queue has no partitions yet: the first start makes them');
          print(`${count} partitions`);
          for (const { partition, waiting, active, oldestAt } of await readPartitionDepths(backend, count)) {
            const age = oldestAt === null ? '' : `, the oldest since ${new Date(oldestAt).toISOString()}`;
            print(`  ${partition}: ${waiting} waiting, ${active} active${age}`);
          }
        }),
      ),
    )
    .addCommand(
      new Command('set')
        .description(
          'holds off new events (503, senders try again), lets the workers empty the partitions, then changes their number',
        )
        .argument('<count>', 'the new number', wholeNumber)
        .action((count: number) =>
          withBackend(async (backend) => {
            let told = Number.POSITIVE_INFINITY;
            await changePartitionCount(backend, count, {
              drained: ({ remaining }) => {
                if (remaining < told) log.info({ remaining }, 'draining');
                told = remaining;
              },
            });
            print(`the queue has ${count} partitions: start ingress and workers again with PARTITIONS=${count}`);
          }),
        ),
    );
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text) || Number(text) > MOST_PARTITIONS)
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${MOST_PARTITIONS}.`);
  return Number(text);
}
