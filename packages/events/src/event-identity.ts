import { createHmac } from 'node:crypto';
import { MalformedEventError } from './malformed-event.js';

/** No sender nests an event anywhere near as deep; the canonical form recurses. */
export const MAX_EVENT_DEPTH = 64;

/**
 * The identity of what was told: a keyed HMAC-SHA256 in hex over the canonical form (docs/metrics.md, "Identity"). The key is what keeps a stored hash
 * of a short message from being guessed back. Throws MalformedEventError `too_deep`.
 */
export function identityOf(key: Buffer, parts: readonly unknown[]): string {
  // UTF-16 keeps apart what UTF-8 does not: halves of surrogate pairs.
  return createHmac('sha256', key).update(canonicalText(parts), 'utf16le').digest('hex');
}

/**
 * One text for one content, whatever the order of its names. A length before each text keeps texts apart without escaping, which is most of the cost of
 * writing JSON; this runs for every event. Throws MalformedEventError `too_deep`.
 */
export function canonicalText(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (typeof value !== 'object' || value === null) return `${value};`;
  if (depth > MAX_EVENT_DEPTH) throw new MalformedEventError('too_deep');
  if (Array.isArray(value)) {
    let text = '[';
    for (const item of value) text += canonicalText(item, depth + 1);
    return `${text}]`;
  }
  const object = value as Readonly<Record<string, unknown>>;
  let text = '{';
  for (const name of sortInPlace(Object.keys(object))) text += `${name.length}"${name}${canonicalText(object[name], depth + 1)}`;
  return `${text}}`;
}

/** Beyond this, insertion costs more than it saves. */
const FEW_NAMES = 32;

/** By UTF-16 units. An event's objects are small and nearly sorted, where insertion is twice as fast as the general sort. */
function sortInPlace(names: string[]): string[] {
  if (names.length > FEW_NAMES) return names.sort();
  for (let end = 1; end < names.length; end++) {
    const name = names[end] ?? '';
    let at = end;
    for (let before = names[at - 1]; before !== undefined && before > name; before = names[at - 1]) {
      names[at] = before;
      at -= 1;
    }
    names[at] = name;
  }
  return names;
}
