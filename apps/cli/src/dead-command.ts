import { eventIn } from '@bbb-activity/app-dashboard/dead-letter-told';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { connectBackend, type QueueBackend } from '@bbb-activity/queue/backend';
import { DeadLetters, type StoredDeadLetter } from '@bbb-activity/queue/dead-letters';
import { redriveLetter } from '@bbb-activity/queue/redrive';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from './command-context.js';
import { letterLine, letterLines, onTerminal, printable } from './told-dead-letter.js';

/** A command about dead letters was told too little, or an id of none. */
export class DeadLetterCommandError extends Error {
  readonly code: 'no_such_letter' | 'which_letters' | 'not_confirmed';

  constructor(code: DeadLetterCommandError['code'], message: string) {
    super(message);
    this.name = 'DeadLetterCommandError';
    this.code = code;
  }
}

interface ListOptions {
  readonly reason?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface ChoiceOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface Place {
  readonly backend: QueueBackend;
  readonly letters: DeadLetters;
}

type Outcome = 'redriven' | 'discarded' | 'gone' | 'not_redrivable' | 'would_redrive' | 'would_discard';
/** So many letters are asked for at once. */
const PAGE = 500;

/** docs/operations.md, "Dead letters". */
export function deadCommand({ environment, log, print }: CommandContext): Command {
  const withLetters = async (work: (place: Place) => Promise<void>) => {
    const backend = await connectBackend(readQueueSettings(environment), log);
    try {
      await work({ backend, letters: await DeadLetters.open(backend, { log }) });
    } finally {
      await backend.close();
    }
  };
  const reason = () => new Option('--reason <reason>', 'only those put aside for this reason');
  const json = () => new Option('--json', 'one JSON document');

  /** Does something to each letter that was meant, the oldest first, and tells what became of each. */
  const toEach = (ids: readonly string[], options: ChoiceOptions, act: (place: Place, id: string) => Promise<Outcome>) =>
    withLetters(async (place) => {
      const told: { id: string; outcome: Outcome }[] = [];
      for (const id of await chosen(place.letters, ids, options)) told.push({ id, outcome: await act(place, id) });
      if (options.json) print(JSON.stringify({ letters: told }));
      else for (const { id, outcome } of told) print(`${id}: ${WORDS[outcome]}`);
      if (!options.json && told.length === 0) print('there is no such dead letter');
      if (told.some(({ outcome }) => outcome === 'gone' || outcome === 'not_redrivable')) process.exitCode = 1;
    });

  return new Command('dead')
    .description('looks at what could not be applied or read, sends it again, or discards it: see docs/operations.md')
    .addCommand(
      new Command('list')
        .description('the dead letters, grouped by their reasons, the newest first')
        .addOption(reason())
        .option('--limit <count>', 'the most letters to list', wholeNumber, 50)
        .addOption(json())
        .action((options: ListOptions) =>
          withLetters(async ({ letters }) => {
            const byReason = Object.fromEntries([...(await letters.countByReason())].toSorted(([, a], [, b]) => b - a));
            const total = Object.values(byReason).reduce((sum, count) => sum + count, 0);
            const listed = (await newest(letters, options)).map(onTerminal);
            if (options.json) return print(JSON.stringify({ total, byReason, letters: listed }));
            print(`${total} dead letters`);
            for (const [name, count] of Object.entries(byReason)) print(`  ${count} ${printable(name)}`);
            for (const letter of listed) print(letterLine(letter));
          }),
        ),
    )
    .addCommand(
      new Command('show')
        .description('one dead letter, with nothing of what somebody is called or said')
        .argument('<id>', 'of the list', letterId)
        .addOption(json())
        .action((id: string, options: ListOptions) =>
          withLetters(async ({ letters }) => {
            const letter = await letters.get(id);
            if (letter === null) throw new DeadLetterCommandError('no_such_letter', `there is no dead letter ${id}`);
            const told = onTerminal(letter);
            if (options.json) print(JSON.stringify(told));
            else for (const line of letterLines(told)) print(line);
          }),
        ),
    )
    .addCommand(
      new Command('redrive')
        .description('sends the events of dead letters to their partitions again, each once')
        .argument('[ids...]', 'of the list', letterIds)
        .addOption(reason())
        .option('--dry-run', 'tells what would be sent, and changes nothing')
        .addOption(json())
        .action((ids: string[], options: ChoiceOptions) =>
          toEach(ids, options, async ({ backend, letters }, id) => {
            if (!options.dryRun) return redriveLetter(backend, letters, id, eventIn);
            const letter = await letters.get(id);
            if (letter === null) return 'gone';
            return eventIn(letter.payload) === null ? 'not_redrivable' : 'would_redrive';
          }),
        ),
    )
    .addCommand(
      new Command('discard')
        .description('deletes dead letters for ever: by their ids with --yes, or all of one reason')
        .argument('[ids...]', 'of the list', letterIds)
        .addOption(reason())
        .option('--yes', 'that the letters of these ids are to go')
        .option('--dry-run', 'tells what would go, and changes nothing')
        .addOption(json())
        .action((ids: string[], options: ChoiceOptions) => {
          if (!options.yes && !options.dryRun && options.reason === undefined) {
            throw new DeadLetterCommandError(
              'not_confirmed',
              'what is discarded is gone for ever: say --yes, or name a --reason',
            );
          }
          return toEach(ids, options, async ({ letters }, id) => {
            if (options.dryRun) return (await letters.get(id)) === null ? 'gone' : 'would_discard';
            return (await letters.remove(id)) ? 'discarded' : 'gone';
          });
        }),
    );
}

const WORDS: Readonly<Record<Outcome, string>> = {
  redriven: 'sent again',
  discarded: 'discarded',
  gone: 'there is no such dead letter',
  not_redrivable: 'holds no event that could be sent again',
  would_redrive: 'would be sent again',
  would_discard: 'would be discarded',
};

/**
 * The ids that are meant, as they are now: what is put aside again meanwhile is not looked at twice. With ids and a reason, those of the ids that have
 * the reason.
 *
 * @throws DeadLetterCommandError `which_letters` where nothing tells
 */
async function chosen(letters: DeadLetters, ids: readonly string[], { reason }: ChoiceOptions): Promise<readonly string[]> {
  if (ids.length === 0 && reason === undefined) {
    throw new DeadLetterCommandError('which_letters', 'name the ids of dead letters, or a --reason');
  }
  if (reason === undefined) return [...new Set(ids)];
  const found = (await newest(letters, { reason, limit: Number.POSITIVE_INFINITY })).map(({ id }) => id).reverse();
  return ids.length === 0 ? found : found.filter((id) => ids.includes(id));
}

/** At most so many, the newest first. */
async function newest(
  letters: DeadLetters,
  { reason, limit }: { readonly reason?: string; readonly limit: number },
): Promise<StoredDeadLetter[]> {
  const found: StoredDeadLetter[] = [];
  let cursor: string | null = null;
  do {
    const page = await letters.list({ limit: PAGE, cursor });
    found.push(...page.letters.filter((letter) => reason === undefined || letter.reason === reason));
    cursor = page.cursor;
  } while (cursor !== null && found.length < limit);
  return found.slice(0, limit);
}

function letterId(text: string): string {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('it must be the id of a dead letter: a number.');
  return text;
}

function letterIds(text: string, before: readonly string[] = []): string[] {
  return [...before, letterId(text)];
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError('it must be a whole number from 1 to 99999.');
  return Number(text);
}
