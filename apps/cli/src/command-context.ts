import type { Environment } from '@bbb-activity/config/variables';
import type { Logger } from '@bbb-activity/telemetry/logger';

/** What every command gets from the process. */
export interface CommandContext {
  readonly environment: Environment;
  readonly log: Logger;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
  /** Writes one line to standard error: what is said beside what a command gives. */
  readonly tell: (line: string) => void;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  /** Writes to standard output; resolves when it may go on, so that nothing piles up behind a slow reader. */
  readonly write: (text: string) => Promise<void>;
}
