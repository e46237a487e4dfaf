import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A script that Redis runs by its id: the text goes with a call only where Redis does not know it, or does not any more. */
export class RedisScript {
  readonly #text: string;
  readonly #id: string;

  constructor(text: string) {
    this.#text = text;
    this.#id = createHash('sha1').update(text).digest('hex');
  }

  /** So that the first call needs no text. @throws as the client does */
  async load(client: Redis): Promise<void> {
    await client.script('LOAD', this.#text);
  }

  /** What the script gives. @throws as the client does, and what the script raises */
  async run(client: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await client.evalsha(this.#id, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(this.#text, keys.length, ...keys, ...args);
    }
  }
}
