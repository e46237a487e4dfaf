import { open, SealedEvidenceError } from '@bbb-activity/events/sealed-evidence';

/** What ingress could not read, as its dead letter keeps it. */
export interface SealedPayload {
  readonly accessUrlId: number;
  readonly sealed: string;
}

export function isSealedPayload(payload: unknown): payload is SealedPayload {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'accessUrlId' in payload &&
    typeof payload.accessUrlId === 'number' &&
    'sealed' in payload &&
    typeof payload.sealed === 'string'
  );
}

/** What was sealed, as a text; null where it was sealed under another key. */
export function openSealed({ sealed }: SealedPayload, identityKey: Buffer): string | null {
  try {
    return open(sealed, identityKey).text;
  } catch (error) {
    if (error instanceof SealedEvidenceError) return null;
    throw error;
  }
}
