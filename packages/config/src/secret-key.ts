import { hkdfSync } from 'node:crypto';
import { ConfigError } from './config-error.js';
import { readSettings } from './read-settings.js';
import type { Environment } from './variables.js';

/** The variables of which the first that is set gives all keys of this product. */
const KEY_SOURCES = ['IDENTITY_KEY', 'WEBHOOK_SALT', 'BBB_SECRET', 'KERNEL_SECRET'] as const;

const PREVIOUS = ['WEBHOOK_SALT_PREVIOUS', 'BBB_SECRET_PREVIOUS', 'KERNEL_SECRET_PREVIOUS'] as const;

/** A key for one purpose tells nothing about the keys for the others. */
export type KeyPurpose = 'event identity' | 'erasure' | 'session cookie' | 'csrf token';

/**
 * The secret that keys are made from; undefined where none is set.
 *
 * @throws ConfigError where a secret is being rotated and the keys would change with it: no retried delivery would be recognised, nothing
 * that was erased, and no sealed letter could be opened (docs/operations.md, "Changing a secret")
 */
export function readKeySource(environment: Environment): string | undefined {
  const settings = readSettings(environment, [...KEY_SOURCES, ...PREVIOUS]);
  const rotated = PREVIOUS.find((name) => settings[name] !== undefined);
  if (settings.IDENTITY_KEY === undefined && rotated !== undefined) {
    throw new ConfigError(`IDENTITY_KEY is missing beside ${rotated}: set it to what the keys were made from before the change`);
  }
  return KEY_SOURCES.map((name) => settings[name]).find((value) => value !== undefined);
}

/** 32 bytes (HKDF-SHA256). The same secret gives the same key in every process. */
export function deriveKey(source: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', source, '', `bbb-activity ${purpose}`, 32));
}

/** The key of this purpose from the environment; null where that holds no secret. @throws ConfigError */
export function readKey(environment: Environment, purpose: KeyPurpose): Buffer | null {
  const source = readKeySource(environment);
  return source === undefined ? null : deriveKey(source, purpose);
}
