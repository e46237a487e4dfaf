/** The spool holds as much as it may. */
export class SpoolFullError extends Error {
  readonly code = 'spool_full';
  override readonly name = 'SpoolFullError';

  constructor(maxBytes: number) {
    super(`the spool is full: it holds ${maxBytes} bytes at most`);
  }
}

/** Another process has the folder, or it cannot be used at all; the message says what to do. */
export class SpoolUnusableError extends Error {
  readonly code = 'spool_unusable';
  override readonly name = 'SpoolUnusableError';
}

/** What was to be spooled is not durable: the disk is full, or fails. */
export class SpoolWriteError extends Error {
  readonly code = 'spool_write';
  override readonly name = 'SpoolWriteError';
}
