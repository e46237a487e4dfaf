import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecords } from './record-format.js';

const NAME = /^(\d{12})\.spool$/;

/** A file of records. What stands behind `end` was never acknowledged. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** When it was begun, in unix ms. */
  readonly begunAt: number;
  /** Bytes of whole records that are on the disk. */
  end: number;
}

/** What was found wrong with a segment at a start. */
export interface Damage {
  readonly segment: string;
  /** Bytes behind its last whole record. */
  readonly bytes: number;
  /** `torn` at the end of the newest: what was being written at a crash, and not acknowledged. `damaged`: anywhere else; the bytes are kept beside it. */
  readonly kind: 'torn' | 'damaged';
}

/** Makes the folder where it is missing, readable to its owner alone. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** The segments of a folder, oldest first, each cut to its whole records; empty ones are removed. */
export async function readSegments(folder: string): Promise<{ segments: Segment[]; damages: Damage[] }> {
  const numbers = await segmentNumbers(folder);
  const segments: Segment[] = [];
  const damages: Damage[] = [];
  for (const number of numbers) {
    const path = segmentPath(folder, number);
    const bytes = await readFile(path);
    const { birthtimeMs, mtimeMs } = await stat(path);
    // Not every file system knows when a file was made.
    const begunAt = birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
    const { end } = decodeRecords(bytes);
    if (end < bytes.length) {
      const kind = number === numbers.at(-1) ? 'torn' : 'damaged';
      damages.push({ segment: path, bytes: bytes.length - end, kind });
      if (kind === 'damaged') await writeAside(path, bytes.subarray(end));
      await truncate(path, end);
    }
    if (end === 0) await rm(path);
    else segments.push({ number, path, begunAt, end });
  }
  return { segments, damages };
}

/** Numbers of the segments in a folder, the oldest first; none where there is no folder. */
export async function segmentNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .map((name) => NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(12, '0')}.spool`);
}

/** A new, empty file for records; that it is there is durable too. */
export async function createSegment(folder: string, number: number): Promise<{ segment: Segment; file: FileHandle }> {
  const path = segmentPath(folder, number);
  const file = await open(path, 'wx', 0o600);
  try {
    const directory = await open(folder, 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    await file.close();
    throw error;
  }
  return { segment: { number, path, begunAt: Date.now(), end: 0 }, file };
}

/** Keeps a segment that can no longer be read, out of the way. */
export async function setAside({ path }: Segment): Promise<void> {
  await rename(path, `${path}.damaged`);
}

async function writeAside(path: string, bytes: Buffer): Promise<void> {
  const file = await open(`${path}.damaged`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
