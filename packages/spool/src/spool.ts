import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import { SpoolFullError, SpoolUnusableError, SpoolWriteError } from './errors.js';
import { lockFolder } from './folder-lock.js';
import { decodeRecords, encodeRecord, HEADER_BYTES } from './record-format.js';
import { createSegment, makeFolder, readSegments, type Segment, setAside } from './segments.js';

export interface SpoolLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SpoolOptions {
  /** The most bytes that it holds on the disk. */
  readonly maxBytes: number;
  /** From this size on the next record begins a new file; a file goes once all of it is handed over. Default 4 MiB, and a quarter of `maxBytes` at most. */
  readonly segmentBytes?: number;
  readonly log: SpoolLog;
}

/** Records at the head of the spool, to be acknowledged when they are somewhere else. */
export interface SpoolBatch {
  readonly payloads: readonly Buffer[];
  readonly segment: number;
  /** Where the record behind them begins. */
  readonly end: number;
}

export interface SpoolBacklog {
  readonly files: number;
  readonly bytes: number;
  /** When the oldest of these files was begun, in unix ms, which none of its records is older than; null where nothing waits. */
  readonly oldestAt: number | null;
}

interface Waiting {
  readonly record: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Read at a time: some hundred events, about what one write to the queue takes. */
const READ_BYTES = 256 * 1024;

/**
 * A queue on the local disk, of one process at a time. Records are taken in order, are durable when their append resolves, and are read in the same order
 * until they are acknowledged; after a restart those of a file that was not wholly acknowledged come again.
 *
 * Appends are committed in groups: one write and one fdatasync for all that came meanwhile.
 */
export class Spool {
  readonly #folder: string;
  readonly #lock: FileHandle;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #log: SpoolLog;
  /** Oldest first; the last is being written where `#file` is open. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #file: FileHandle | undefined;
  /** In the first segment: what is before it is acknowledged. */
  #offset = 0;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  /** Writing and removing files take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(folder: string, lock: FileHandle, segments: Segment[], options: SpoolOptions) {
    this.#folder = folder;
    this.#lock = lock;
    this.#segments = segments;
    this.#nextNumber = (segments.at(-1)?.number ?? 0) + 1;
    this.#maxBytes = options.maxBytes;
    this.#segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.ceil(options.maxBytes / 4));
    this.#log = options.log;
  }

  /**
   * Opens the spool of a folder, which is made where it is missing, with what an earlier process left in it. A record that was torn by a crash was not
   * acknowledged, and is cut off.
   *
   * @throws SpoolUnusableError where another process has it, or the folder cannot be used
   */
  static async open(folder: string, options: SpoolOptions): Promise<Spool> {
    try {
      await makeFolder(folder);
      const lock = await lockFolder(folder);
      const { segments, damages } = await readSegments(folder);
      for (const { kind, ...damage } of damages) {
        if (kind === 'torn')
          options.log.warn(damage, 'the last record of the spool was torn by a crash, before it was acknowledged');
        else options.log.error(damage, 'a file of the spool is damaged; what cannot be read of it is kept beside it');
      }
      return new Spool(folder, lock, segments, options);
    } catch (error) {
      if (error instanceof SpoolUnusableError) throw error;
      throw new SpoolUnusableError(`${folder} cannot be used as a spool: ${wordsOf(error)}`, { cause: error });
    }
  }

  /** Bytes on the disk, those of records that are acknowledged already in a file with others included. */
  get bytes(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** Bytes that are not acknowledged, and that are being written. */
  get backlogBytes(): number {
    return this.bytes - this.#offset + this.#waitingBytes;
  }

  /** What waits to be handed over. */
  get backlog(): SpoolBacklog {
    const waiting = this.#segments.filter(({ end }, index) => end > (index === 0 ? this.#offset : 0));
    return { files: waiting.length, bytes: this.backlogBytes, oldestAt: waiting[0]?.begunAt ?? null };
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  get hasRoom(): boolean {
    return this.bytes + this.#waitingBytes + HEADER_BYTES < this.#maxBytes;
  }

  /**
   * Resolves when the record is on the disk.
   *
   * @throws SpoolFullError, SpoolWriteError
   */
  append(payload: Uint8Array): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new SpoolWriteError('the spool is closed'));
    const record = encodeRecord(payload);
    if (this.bytes + this.#waitingBytes + record.length > this.#maxBytes)
      return Promise.reject(new SpoolFullError(this.#maxBytes));
    this.#waitingBytes += record.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** The oldest records that are not acknowledged; null where there is none on the disk. */
  async next(): Promise<SpoolBatch | null> {
    for (;;) {
      const [head] = this.#segments;
      if (head === undefined || head.end === this.#offset) return null;
      const { payloads, end } = await this.#read(head);
      if (payloads.length > 0) return { payloads, segment: head.number, end: this.#offset + end };
      this.#log.error(
        { segment: head.path, bytes: head.end - this.#offset },
        'a file of the spool cannot be read any more; it is kept beside',
      );
      await this.#exclusively(async () => {
        await this.#endWriting(head);
        await setAside(head);
        this.#segments.shift();
        this.#offset = 0;
      });
    }
  }

  /** Drops what {@link next} gave, and its file where nothing else is in it. */
  async acknowledge({ segment, end }: SpoolBatch): Promise<void> {
    await this.#exclusively(async () => {
      const [head] = this.#segments;
      if (head?.number !== segment) return;
      this.#offset = end;
      if (head.end > end) return;
      await this.#endWriting(head);
      await rm(head.path);
      this.#segments.shift();
      this.#offset = 0;
    });
  }

  /** Writes what waits, and lets go of the folder. Safe to call twice and at once. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#writing;
      await this.#exclusively(async () => {
        await this.#file?.close();
        this.#file = undefined;
      });
      await this.#lock.close();
    })();
    return this.#closing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const bytes = Buffer.concat(group.map(({ record }) => record));
      try {
        await this.#exclusively(() => this.#commit(bytes));
        for (const { resolve } of group) resolve();
      } catch (error) {
        const told = new SpoolWriteError(`the spool cannot be written: ${wordsOf(error)}`, { cause: error });
        for (const { reject } of group) reject(told);
      } finally {
        this.#waitingBytes -= bytes.length;
      }
    }
    this.#writing = undefined;
  }

  async #commit(bytes: Buffer): Promise<void> {
    const { segment, file } = await this.#tail();
    try {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, written, bytes.length - written, segment.end + written);
        written += bytesWritten;
      }
      await file.datasync();
    } catch (error) {
      // What a failed flush left on the disk is unknown: this file takes nothing more, and is cut where it is known to be whole.
      await this.#endWriting(segment);
      await truncate(segment.path, segment.end).catch((cause: unknown) => {
        this.#log.error({ segment: segment.path, reason: wordsOf(cause) }, 'a file of the spool cannot be cut');
      });
      throw error;
    }
    segment.end += bytes.length;
    if (segment.end >= this.#segmentBytes) await this.#endWriting(segment);
  }

  async #tail(): Promise<{ segment: Segment; file: FileHandle }> {
    const last = this.#segments.at(-1);
    if (last !== undefined && this.#file !== undefined) return { segment: last, file: this.#file };
    const { segment, file } = await createSegment(this.#folder, this.#nextNumber);
    this.#nextNumber += 1;
    this.#segments.push(segment);
    this.#file = file;
    return { segment, file };
  }

  async #endWriting(segment: Segment): Promise<void> {
    if (this.#segments.at(-1) !== segment) return;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Whole records from the offset on: of {@link READ_BYTES}, or one that is larger. */
  async #read(head: Segment): Promise<{ payloads: readonly Buffer[]; end: number }> {
    const file = await open(head.path, 'r');
    try {
      const left = head.end - this.#offset;
      const some = decodeRecords(await readAt(file, this.#offset, Math.min(left, READ_BYTES)));
      if (some.payloads.length > 0 || left <= READ_BYTES) return some;
      const length = (await readAt(file, this.#offset, HEADER_BYTES)).readUInt32LE(0);
      return decodeRecords(await readAt(file, this.#offset, Math.min(left, HEADER_BYTES + length)));
    } finally {
      await file.close();
    }
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
