import { type DestinationStream, destination } from 'pino';

/** More of one turn is written before its end. */
const MOST_BYTES = 8_192;

/**
 * A file descriptor to which the log lines of one turn of the event loop go by one write, when the turn has ended: a system call for each line was a
 * twentieth of what a request cost. Whatever ends the process but a kill writes them before: `fatal`, an error that nobody caught, `process.exit`.
 */
export function turnLines(fd: number): DestinationStream & { flushSync(): void } {
  const file = destination({ fd, sync: true, minLength: MOST_BYTES });
  const flushSync = () => file.flushSync();
  let waits = false;
  process.once('exit', flushSync);
  return {
    write(line) {
      file.write(line);
      if (waits) return;
      waits = true;
      setImmediate(() => {
        waits = false;
        flushSync();
      });
    },
    flushSync,
  };
}
