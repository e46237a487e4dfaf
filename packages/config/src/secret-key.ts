import { hkdfSync } from 'node:crypto';
import { readSettings } from './read-settings.js';
import type { Environment } from './variables.js';

/** The variables of which the first that is set gives all keys of this product. */
export const KEY_SOURCES = ['IDENTITY_KEY', 'WEBHOOK_SALT', 'BBB_SECRET', 'KERNEL_SECRET'] as const;

/** A key for one purpose tells nothing about the keys for the others. */
export type KeyPurpose = 'event identity' | 'erasure' | 'session cookie' | 'csrf token';

/** The secret that keys are made from; undefined where none is set. */
export function keySourceOf(settings: Readonly<Record<(typeof KEY_SOURCES)[number], string | undefined>>): string | undefined {
  return KEY_SOURCES.map((name) => settings[name]).find((value) => value !== undefined);
}

/** 32 bytes (HKDF-SHA256). The same secret gives the same key in every process. */
export function deriveKey(source: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', source, '', `bbb-activity ${purpose}`, 32));
}

/** The key of this purpose from the environment; null where that holds no secret. @throws ConfigError */
export function readKey(environment: Environment, purpose: KeyPurpose): Buffer | null {
  const source = keySourceOf(readSettings(environment, KEY_SOURCES));
  return source === undefined ? null : deriveKey(source, purpose);
}
