import type { Readable } from 'node:stream';

/** A request's body as far as it was kept. */
export interface BoundedBody {
  readonly bytes: Buffer;
  /** All that was sent, in bytes; more than `bytes` holds where the body was cut. */
  readonly size: number;
  readonly cut: boolean;
}

export const EMPTY_BODY: BoundedBody = { bytes: Buffer.alloc(0), size: 0, cut: false };

/**
 * Reads a body to its end, but keeps no more than `limit` bytes. A sender whose event is over the limit must still be answered 200
 * (docs/wire.md, "Retry and failure"), so the rest is read and let go instead of cutting the connection.
 */
export async function readBoundedBody(stream: Readable, limit: number): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const room = limit - size;
    size += chunk.length;
    if (room > 0) chunks.push(chunk.length <= room ? chunk : chunk.subarray(0, room));
  }
  return { bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks), size, cut: size > limit };
}
