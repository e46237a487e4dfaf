/** This process holds as many bodies as it may: the request can be sent again in a moment. */
export class OverloadedError extends Error {
  readonly code = 'overloaded';

  constructor(limit: number) {
    super(`bodies of more than ${limit} bytes together are being taken in`);
  }
}

/** What one request holds of the budget. */
export interface HeldBytes {
  /** False where so many more would be too many: then they are not held. */
  hold(bytes: number): boolean;
  /** Gives back all that is held. Safe to call twice. */
  release(): void;
}

/**
 * How many bytes of bodies a process holds at once, each from its first piece until its request is answered. What is made of a body (its parse,
 * its events, their wait for the queue) lives as long, so that this bounds the memory of the process whatever is sent.
 */
export class BodyBudget {
  readonly limit: number;
  #held = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  open(): HeldBytes {
    let own = 0;
    return {
      hold: (bytes) => {
        if (this.#held + bytes > this.limit) return false;
        own += bytes;
        this.#held += bytes;
        return true;
      },
      release: () => {
        this.#held -= own;
        own = 0;
      },
    };
  }
}
