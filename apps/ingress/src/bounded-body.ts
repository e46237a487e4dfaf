import type { Readable } from 'node:stream';
import { type BodyBudget, type HeldBytes, OverloadedError } from './body-budget.js';

/** A request's body as far as it was kept. */
export interface BoundedBody {
  readonly bytes: Buffer;
  /** The last of what was sent, where the body was cut: a BBB server writes the delivery's timestamp there. Else empty. */
  readonly tail: Buffer;
  /** All that was sent, in bytes; more than `bytes` holds where the body was cut. */
  readonly size: number;
  readonly cut: boolean;
}

export const EMPTY_BODY: BoundedBody = { bytes: Buffer.alloc(0), tail: Buffer.alloc(0), size: 0, cut: false };

const TAIL_BYTES = 256;

export interface BodyReading {
  /** Bytes that are kept of a body. */
  readonly limit: number;
  readonly budget: BodyBudget;
  readonly held: HeldBytes;
  readonly watch: ((piece: Buffer) => void) | undefined;
}

/**
 * Reads a body to its end, but keeps no more than `limit` bytes and the tail. A sender whose event is over the limit must still be answered 200
 * (docs/wire.md, "Retry and failure"), so the rest is read and let go instead of cutting the connection.
 *
 * A body that does not fit into the budget of all is read to its end too, so that its sender can be answered.
 *
 * @throws OverloadedError, BrokenBodyError, or what the stream throws
 */
export function readBoundedBody(stream: Readable, { limit, budget, held, watch }: BodyReading): Promise<BoundedBody> {
  let pieces: Buffer[] = [];
  let refused = false;
  let tail: Buffer = EMPTY_BODY.tail;
  let size = 0;
  const take = (piece: Buffer) => {
    watch?.(piece);
    const room = limit - size;
    size += piece.length;
    if (room > 0 && !refused) {
      refused = !held.hold(Math.min(piece.length, room));
      pieces.push(piece.length <= room ? piece : piece.subarray(0, room));
      if (refused) pieces = [];
    }
    if (size > limit) tail = Buffer.concat([tail, piece.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  };
  return new Promise((resolve, reject) => {
    stream.on('data', take);
    stream.once('end', () => {
      if (refused) return reject(new OverloadedError(budget.limit));
      const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
      resolve({ bytes, tail, size, cut: size > limit });
    });
    stream.once('error', reject);
    stream.once('close', () => {
      if (!stream.readableEnded) reject(new BrokenBodyError());
    });
  });
}

/** The connection was closed in the middle of a body. Nobody is there to be answered. */
export class BrokenBodyError extends Error {
  readonly code = 'broken_body';

  constructor() {
    super('the connection was closed before the body had ended');
  }
}
