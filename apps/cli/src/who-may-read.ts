import type { UserRole } from '@bbb-activity/store/dashboard-users';
import { InvalidArgumentError, Option } from 'commander';
import { accessUrlOption } from './access-url-option.js';

/** What a user or a token may do. */
export interface ReaderOptions {
  readonly role: UserRole;
  /** Left out: all access URLs. */
  readonly accessUrl?: number;
}

/** Nobody of this name, or somebody already, or options that do not go together. */
export class ReaderError extends Error {
  readonly code: 'name_taken' | 'no_such_name' | 'limited_admin' | 'weak_password';

  constructor(code: ReaderError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export function roleOption(): Option {
  return new Option('--role <role>', 'admin: may do everything; viewer: may read').choices(['admin', 'viewer']).default('viewer');
}

export function readerAccessUrlOption(): Option {
  return accessUrlOption('the only access URL that may be read; all where it is left out');
}

/** Who may do everything is not limited to an access URL. @throws ReaderError */
export function requireReader({ role, accessUrl }: ReaderOptions): void {
  if (role !== 'admin' || accessUrl === undefined) return;
  throw new ReaderError('limited_admin', 'an admin reads all access URLs: leave --access-url out, or take --role viewer');
}

/** A name as people type it. */
export function nameArgument(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name)) {
    throw new InvalidArgumentError('it must have 1 to 100 characters, and no control characters.');
  }
  return name;
}

/** `viewer of access URL 2` */
export function toldRole({ role, accessUrlId }: { readonly role: UserRole; readonly accessUrlId: number | null }): string {
  return accessUrlId === null ? role : `${role} of access URL ${accessUrlId}`;
}
