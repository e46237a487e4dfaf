import { equalsSecret } from './constant-time.js';
import { requireSecret, usableSecrets } from './secrets.js';

/** The Authorization header of a BBB server set to `auth2_0` (docs/wire.md, "What BigBlueButton itself signs"). Throws EmptySecretError. */
export function bearerHeader(secret: string): string {
  return `Bearer ${requireSecret(secret)}`;
}

/** Whether the Authorization header bears one of the secrets. */
export function verifyBearer(authorization: string | null, secrets: readonly string[]): boolean {
  const token = /^Bearer +(.+)$/i.exec(authorization?.trim() ?? '')?.[1];
  return token !== undefined && usableSecrets(secrets).some((secret) => equalsSecret(token, secret));
}
