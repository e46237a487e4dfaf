/** Thrown where something should be signed with an empty secret: anybody could make that signature. */
export class EmptySecretError extends Error {
  readonly code = 'empty_secret';

  constructor() {
    super('nothing can be signed with an empty secret');
    this.name = 'EmptySecretError';
  }
}

/** The secret itself; throws {@link EmptySecretError} where it is empty. */
export function requireSecret(secret: string): string {
  if (secret === '') throw new EmptySecretError();
  return secret;
}

/** The secrets that may verify: an empty one proves nothing, so it never does. */
export function usableSecrets(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret !== '');
}
