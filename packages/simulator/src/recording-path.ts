import { fileURLToPath } from 'node:url';

/** The recordings that come with the package (test/recordings/README.md tells what they hold). */
export const RECORDING_NAMES = ['quiet', 'flaky'] as const;

export type RecordingName = (typeof RECORDING_NAMES)[number];

/** Path of a recording that comes with the package: the same from its sources and from its built files. */
export function recordingPath(name: RecordingName): string {
  return fileURLToPath(new URL(`../recordings/${name}.jsonl`, import.meta.url));
}
