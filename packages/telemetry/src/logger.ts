import { type ChildLoggerOptions, type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** Keys under which a secret could stand in a logged object, at its top or one level below. */
const SECRET_KEYS = [
  'authorization',
  'cookie',
  'sig',
  'checksum',
  'secret',
  'salt',
  'password',
  'token',
  'url',
  'connectionString',
];

const CENSOR = '[redacted]';

export interface LoggerOptions {
  /** Name of the app, in every line. */
  readonly app: string;
  readonly level: string;
  /** Where the lines go; standard output where it is not told. */
  readonly to?: 'stdout' | 'stderr' | DestinationStream;
}

/** The one way to a logger: JSON lines with ISO times, secrets censored by key. */
export function createLogger(options: LoggerOptions): Logger {
  const { to = 'stdout' } = options;
  // Synchronous: the last lines before an exit are those that one wants to read.
  const stream = typeof to === 'string' ? destination({ fd: to === 'stdout' ? 1 : 2, sync: true }) : to;
  return pino(
    {
      level: options.level,
      base: { app: options.app, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: CENSOR },
    },
    stream,
  );
}

/**
 * The same logger for lines built of flat fields, one for each request: secrets are censored by the keys of the fields alone. To look for them below
 * each field too takes six times as long as writing the line.
 */
export function flatLines<L>(log: { child(bindings: object, options: ChildLoggerOptions): L }): L {
  return log.child({}, { redact: { paths: SECRET_KEYS, censor: CENSOR } });
}
