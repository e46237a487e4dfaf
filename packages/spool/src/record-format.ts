import { crc32 } from 'node:zlib';

/**
 * A record of a segment:
 *
 *     bytes 0-3   length of the payload, unsigned, little endian, 1 or more
 *     bytes 4-7   CRC-32 of the length's four bytes and the payload
 *     bytes 8-    the payload
 *
 * The length is under the checksum too, so that a header which was torn or overwritten is not believed.
 */
export const HEADER_BYTES = 8;

/** More is never written, so that a length beyond is damage and nothing is allocated for it. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

/** @throws RangeError for an empty payload, or one of more than {@link MAX_PAYLOAD_BYTES} */
export function encodeRecord(payload: Uint8Array): Buffer {
  if (payload.length < 1 || payload.length > MAX_PAYLOAD_BYTES) throw new RangeError(`a record of ${payload.length} bytes`);
  const record = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.set(payload, HEADER_BYTES);
  record.writeUInt32LE(checksum(record), 4);
  return record;
}

export interface Decoded {
  /** The payloads of the whole records at the beginning, in their order; they share the memory of what was decoded. */
  readonly payloads: readonly Buffer[];
  /** Where the first byte stands that belongs to no whole record: the length, where all is whole. */
  readonly end: number;
}

/** Reads records until the first that is not whole: torn by a crash, or damaged. What stands behind it is not looked at. */
export function decodeRecords(bytes: Buffer): Decoded {
  const payloads: Buffer[] = [];
  let end = 0;
  while (bytes.length - end >= HEADER_BYTES) {
    const length = bytes.readUInt32LE(end);
    const next = end + HEADER_BYTES + length;
    if (length < 1 || length > MAX_PAYLOAD_BYTES || next > bytes.length) break;
    const record = bytes.subarray(end, next);
    if (record.readUInt32LE(4) !== checksum(record)) break;
    payloads.push(record.subarray(HEADER_BYTES));
    end = next;
  }
  return { payloads, end };
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, 4)));
}
