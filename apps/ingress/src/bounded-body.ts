import type { Readable } from 'node:stream';
import { type BodyBudget, type HeldBytes, OverloadedError } from './body-budget.js';
import { GatheredBytes } from './gathered-bytes.js';

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
/**
 * A piece of a body costs some 8 µs, however short it is, and a sender may have each byte come as one: 1 MB then takes 8 s of the process. A network gives
 * pieces of 536 bytes at the least (RFC 9293, 3.7.1), but for the last of what a program wrote at once.
 */
const FREE_PIECES = 4_096;
const BYTES_A_PIECE = 256;

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
 * @throws OverloadedError, ScatteredBodyError (the rest is not read), BrokenBodyError
 */
export function readBoundedBody(stream: Readable, { limit, budget, held, watch }: BodyReading): Promise<BoundedBody> {
  const gathered = new GatheredBytes();
  let pieces = 0;
  let refused = false;
  let tail: Buffer = EMPTY_BODY.tail;
  let size = 0;
  const take = (piece: Buffer) => {
    watch?.(piece);
    const room = limit - size;
    size += piece.length;
    if (room > 0 && !refused) {
      refused = !held.hold(Math.min(piece.length, room));
      if (refused) gathered.clear();
      else gathered.add(piece.length <= room ? piece : piece.subarray(0, room));
    }
    if (size > limit) tail = Buffer.concat([tail, piece.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  };
  return new Promise((resolve, reject) => {
    stream.on('data', function next(piece: Buffer) {
      pieces += 1;
      if (pieces > FREE_PIECES + size / BYTES_A_PIECE) {
        stream.off('data', next).pause();
        gathered.clear();
        reject(new ScatteredBodyError());
      } else take(piece);
    });
    stream.once('end', () => {
      if (refused) return reject(new OverloadedError(budget.limit));
      resolve({ bytes: gathered.whole(), tail, size, cut: size > limit });
    });
    // A request has no errors but those of its connection.
    stream.once('error', (cause) => reject(new BrokenBodyError({ cause })));
    stream.once('close', () => {
      if (!stream.readableEnded) reject(new BrokenBodyError());
    });
  });
}

/** The body comes in so many and so small pieces that to read it would take the process from all others. */
export class ScatteredBodyError extends Error {
  readonly code = 'scattered_body';

  constructor() {
    super('the body comes in too many pieces');
  }
}

/** The connection was closed in the middle of a body. Nobody is there to be answered. */
export class BrokenBodyError extends Error {
  readonly code = 'broken_body';

  constructor(options?: ErrorOptions) {
    super('the connection was closed before the body had ended', options);
  }
}
