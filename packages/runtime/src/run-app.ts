import { ConfigError } from '@bbb-activity/config/config-error';
import { checkEnvironment, readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { createLogger, type Logger } from '@bbb-activity/telemetry/logger';
import closeWithGrace from 'close-with-grace';

/** Longer than any one batch or request may take; then the process ends and what it held is done again by another. */
const STOP_TIMEOUT_MS = 25_000;

export interface AppContext {
  readonly environment: Environment;
  readonly log: Logger;
}

export interface RunningApp {
  close(): Promise<void>;
}

/**
 * The life of one process: reads the log level, starts the app, and closes it gracefully on SIGTERM, SIGINT, or an error that
 * nobody caught. A start that fails ends with exit code 1: on one line to standard error where the configuration or a
 * service is to blame, with the whole error otherwise.
 */
export async function runApp(name: string, start: (context: AppContext) => Promise<RunningApp>): Promise<void> {
  try {
    checkEnvironment(process.env);
    const { LOG_LEVEL } = readSettings(process.env, ['LOG_LEVEL']);
    const log = createLogger({ app: name, level: LOG_LEVEL });
    const app = await start({ environment: process.env, log });
    closeWithGrace(
      { delay: STOP_TIMEOUT_MS, logger: { error: (error) => log.error({ err: error }, 'error while stopping') } },
      async ({ err, signal }) => {
        if (err) log.fatal({ err }, 'stopping after an error that nobody caught');
        else log.info({ signal }, 'stopping');
        await app.close();
        log.info('stopped');
      },
    );
  } catch (error) {
    process.stderr.write(`bbb-activity ${name}: ${startFailure(error)}\n`);
    process.exit(1);
  }
}

/** Errors that carry a code of this project tell an operator what to do; of others, the stack is what helps. */
function startFailure(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (codeOf(error) === 'queue_unavailable')
    return `${process.env['REDIS_URL'] ? 'REDIS_URL' : 'DATABASE_URL'}: ${oneLine(String(error))}`;
  if (error instanceof Error)
    return 'code' in error ? `${oneLine(error.message)} (${String(error.code)})` : (error.stack ?? error.message);
  return String(error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Some libraries' messages run over several lines. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
