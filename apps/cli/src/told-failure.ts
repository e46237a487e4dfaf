import { describeFailure } from '@bbb-activity/store/errors';

/**
 * An error as a terminal, and whatever records it, may show it. The words of this project's own errors are written for that, and those of
 * a file or a connection that is not there tell its address alone. Of any other they are left out, since drivers and parsers quote the values that
 * they choke on: kind and code are told, and where it came from.
 */
export function toldFailure(error: unknown): string {
  if (!(error instanceof Error)) return describeFailure(error);
  if (isOwn(error) || 'syscall' in error || isConnection(error)) return error.message.replace(/\s+/g, ' ').trim();
  return [describeFailure(error), ...framesOf(error)].join('\n');
}

/**
 * With what a command ends that failed. For `verify` and `rebuild` 1 tells that rows differ, which somebody who runs them each night has
 * to tell from not having looked (docs/operations.md, "Verify and rebuild").
 */
export function failureCode(command: string | undefined): number {
  return command === 'verify' || command === 'rebuild' ? 2 : 1;
}

/** Codes of this project are words. */
function isOwn(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^[a-z]+(_[a-z]+)*$/.test(error.code);
}

/** Prisma's codes of a database that cannot be reached or opened. */
function isConnection(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^P1\d{3}$/.test(error.code);
}

function framesOf({ stack = '' }: Error): string[] {
  return stack.split('\n').filter((line) => /^ {4}at /.test(line));
}
