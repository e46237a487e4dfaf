import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';

/** Fields of recorded events whose values may be stored nowhere (docs/privacy.md, "Never kept, never logged"). */
const PRIVATE_FIELDS = ['message', 'ip-address', 'user-agent', 'session-token', 'dial-number', 'referer'];

/** Every value of a private field in the recorded meetings. */
export async function recordedPrivateWords(): Promise<string[]> {
  const words = new Set<string>();
  for (const name of RECORDING_NAMES) {
    for (const { body } of await readRecording(recordingPath(name))) {
      collect(JSON.parse(new URLSearchParams(body).get('event') ?? '[]'), words);
    }
  }
  return [...words];
}

function collect(value: unknown, words: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, inner] of Object.entries(value)) {
    if (PRIVATE_FIELDS.includes(field) && typeof inner === 'string' && inner !== '') words.add(inner);
    collect(inner, words);
  }
}
