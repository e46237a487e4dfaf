const FIRST_BLOCK_BYTES = 16 * 1024;
const LARGEST_BLOCK_BYTES = 1024 * 1024;

/**
 * Puts the pieces of a body together. Each piece that a socket gives is an object with memory of its own, some 180 bytes however short it is; so they are
 * copied into a few blocks, each of twice the size of the one before, and let go. Holds at most twice what was added, and a first block.
 */
export class GatheredBytes {
  /** The one piece so far: most bodies are no more, and are not copied. */
  #only: Buffer | undefined;
  #blocks: Buffer[] = [];
  /** Bytes of the last block that are written. */
  #used = 0;

  add(piece: Buffer): void {
    if (this.#blocks.length === 0) {
      if (this.#only === undefined) {
        this.#only = piece;
        return;
      }
      const first = this.#only;
      this.#only = undefined;
      this.#openBlock(Math.max(FIRST_BLOCK_BYTES, first.length));
      this.#copy(first);
    }
    this.#copy(piece);
  }

  /** Lets go of all that was added. */
  clear(): void {
    this.#only = undefined;
    this.#blocks = [];
    this.#used = 0;
  }

  /** All that was added, in its order. */
  whole(): Buffer {
    if (this.#only !== undefined) return this.#only;
    const last = this.#blocks.at(-1);
    if (last === undefined) return Buffer.alloc(0);
    const used = last.subarray(0, this.#used);
    return this.#blocks.length === 1 ? used : Buffer.concat([...this.#blocks.slice(0, -1), used]);
  }

  #copy(piece: Buffer): void {
    for (let copied = 0; copied < piece.length; ) {
      let block = this.#blocks.at(-1);
      if (block === undefined || this.#used === block.length) {
        block = this.#openBlock(Math.min(2 * (block?.length ?? 0), LARGEST_BLOCK_BYTES));
      }
      const part = piece.copy(block, this.#used, copied);
      this.#used += part;
      copied += part;
    }
  }

  #openBlock(bytes: number): Buffer {
    const block = Buffer.allocUnsafe(bytes);
    this.#blocks.push(block);
    this.#used = 0;
    return block;
  }
}
