import { hashPassword, randomPassword } from '@bbb-activity/signatures/password';
import type { Store } from '@bbb-activity/store/client';
import { addFirstUser, hasUsers } from '@bbb-activity/store/dashboard-users';

/** Who may log in to a new standalone. */
export interface FirstUser {
  readonly name: string;
  readonly password: string;
}

/** Makes an administrator with a random password where nobody may log in yet; null where somebody may. */
export async function makeFirstUser(store: Store): Promise<FirstUser | null> {
  if (await hasUsers(store)) return null;
  const user = { name: 'admin', password: randomPassword() };
  const passwordHash = await hashPassword(user.password);
  return (await addFirstUser(store, { name: user.name, passwordHash, role: 'admin', accessUrlId: null })) ? user : null;
}
