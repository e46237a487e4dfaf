import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { StandaloneNotRunningError, standaloneEnvironment } from '@bbb-activity/app-standalone/standalone-environment';
import { MissingSettingError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.js';
import { failureCode, toldFailure } from './told-failure.js';

/** Each is loaded when it is named, and all of them for what tells of all: half of a command's time would go into loading the others. */
const COMMANDS: Readonly<Record<string, () => Promise<(context: CommandContext) => Command>>> = {
  dead: async () => (await import('./dead-command.js')).deadCommand,
  erase: async () => (await import('./erase-command.js')).eraseCommand,
  export: async () => (await import('./export-command.js')).exportCommand,
  hooks: async () => (await import('./hooks-command.js')).hooksCommand,
  migrate: async () => (await import('./migrate-command.js')).migrateCommand,
  partitions: async () => (await import('./partitions-command.js')).partitionsCommand,
  rebuild: async () => (await import('./rebuild-command.js')).rebuildCommand,
  replay: async () => (await import('./replay-command.js')).replayCommand,
  tokens: async () => (await import('./tokens-command.js')).tokensCommand,
  users: async () => (await import('./users-command.js')).usersCommand,
  verify: async () => (await import('./verify-command.js')).verifyCommand,
};

/** Standard output is for what a command gives; logs go to standard error. */
async function program(named: string | undefined): Promise<Command> {
  const { LOG_LEVEL } = readSettings({ LOG_LEVEL: 'warn', ...process.env }, ['LOG_LEVEL']);
  const context: CommandContext = {
    environment: await standaloneEnvironment(process.env),
    log: createLogger({ app: 'cli', level: LOG_LEVEL, to: 'stderr' }),
    print: (line: string) => process.stdout.write(`${line}\n`),
    tell: (line: string) => void process.stderr.write(`bbb-activity: ${line}\n`),
    readInput: () => text(process.stdin),
    write: async (part: string) => {
      if (!process.stdout.write(part)) await once(process.stdout, 'drain');
    },
  };
  const command = new Command('bbb-activity')
    .description(
      'Runs and looks after bbb-activity. Every command reads the same environment as the apps (see README.md); without DATABASE_URL it is for the standalone of DATA_DIR.',
    )
    .exitOverride();
  const one = named === undefined || !Object.hasOwn(COMMANDS, named) ? undefined : COMMANDS[named];
  for (const load of one === undefined ? Object.values(COMMANDS) : [one]) command.addCommand((await load())(context));
  // What is wrong with arguments comes here too, so that one place decides on the exit code.
  for (const sub of command.commands) sub.exitOverride();
  return command;
}

/** Without DATABASE_URL a command is for the standalone of DATA_DIR. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof MissingSettingError) || error.variable !== 'DATABASE_URL') return error;
  return new StandaloneNotRunningError(readSettings(process.env, ['DATA_DIR']).DATA_DIR);
}

try {
  await (await program(process.argv[2])).parseAsync();
} catch (error) {
  const isTold = error instanceof CommanderError;
  if (!isTold) process.stderr.write(`bbb-activity: ${toldFailure(reasonOf(error))}\n`);
  process.exitCode = isTold && error.exitCode === 0 ? 0 : failureCode(process.argv[2]);
}
