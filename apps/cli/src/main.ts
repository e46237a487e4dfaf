import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { StandaloneNotRunningError, standaloneEnvironment } from '@bbb-activity/app-standalone/standalone-environment';
import { MissingSettingError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { Command, CommanderError } from 'commander';
import { deadCommand } from './dead-command.js';
import { eraseCommand } from './erase-command.js';
import { exportCommand } from './export-command.js';
import { hooksCommand } from './hooks-command.js';
import { migrateCommand } from './migrate-command.js';
import { partitionsCommand } from './partitions-command.js';
import { rebuildCommand } from './rebuild-command.js';
import { replayCommand } from './replay-command.js';
import { tokensCommand } from './tokens-command.js';
import { failureCode, toldFailure } from './told-failure.js';
import { usersCommand } from './users-command.js';
import { verifyCommand } from './verify-command.js';

/** Standard output is for what a command gives; logs go to standard error. */
async function program(): Promise<Command> {
  const { LOG_LEVEL } = readSettings({ LOG_LEVEL: 'warn', ...process.env }, ['LOG_LEVEL']);
  const context = {
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
    .exitOverride()
    .addCommand(deadCommand(context))
    .addCommand(eraseCommand(context))
    .addCommand(exportCommand(context))
    .addCommand(hooksCommand(context))
    .addCommand(migrateCommand(context))
    .addCommand(partitionsCommand(context))
    .addCommand(rebuildCommand(context))
    .addCommand(replayCommand(context))
    .addCommand(tokensCommand(context))
    .addCommand(usersCommand(context))
    .addCommand(verifyCommand(context));
  // What is wrong with arguments comes here too, so that one place decides on the exit code.
  for (const one of command.commands) one.exitOverride();
  return command;
}

/** Without DATABASE_URL a command is for the standalone of DATA_DIR. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof MissingSettingError) || error.variable !== 'DATABASE_URL') return error;
  return new StandaloneNotRunningError(readSettings(process.env, ['DATA_DIR']).DATA_DIR);
}

try {
  await (await program()).parseAsync();
} catch (error) {
  const isTold = error instanceof CommanderError;
  if (!isTold) process.stderr.write(`bbb-activity: ${toldFailure(reasonOf(error))}\n`);
  process.exitCode = isTold && error.exitCode === 0 ? 0 : failureCode(process.argv[2]);
}
