import { createRequire } from 'node:module';

/** Of bbb-activity: that of this package, as all of its packages have one. */
export const VERSION = versionOf(createRequire(import.meta.url)('../package.json'));

function versionOf(description: unknown): string {
  if (typeof description === 'object' && description !== null && 'version' in description) return String(description.version);
  throw new Error('package.json tells no version');
}
