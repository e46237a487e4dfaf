import { type BackendOptions, connectBackend, type QueueBackend, type QueueLog } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { PartitionWorkers, type WorkersOptions } from '@bbb-activity/queue/partition-workers';
import { createDatabase, ownPrefix, redisUrl } from '../../support/services.js';

export const KINDS = ['redis', 'postgres'] as const;
export type Kind = (typeof KINDS)[number];

export interface Item {
  readonly key: string;
  readonly n: number;
}

type Workers = Partial<WorkersOptions<Item>> & Pick<WorkersOptions<Item>, 'handle'>;

/** A fresh store of one test: what is opened in it is closed with it, in the order that the package asks for. */
export class TestStore {
  readonly options: BackendOptions;
  /** The store itself, where `options` leads there over a link. */
  readonly direct: BackendOptions;
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(options: BackendOptions, direct = options) {
    this.options = options;
    this.direct = direct;
  }

  static async create(kind: Kind): Promise<TestStore> {
    const prefix = ownPrefix();
    if (kind === 'redis') return new TestStore({ kind, url: redisUrl(), prefix });
    const database = await createDatabase();
    const store = new TestStore({ kind, url: database.url, prefix });
    store.onClose(() => database.drop());
    return store;
  }

  /** The same store by another address. */
  through(url: string): TestStore {
    const store = new TestStore({ ...this.options, url }, this.options);
    store.onClose(() => this.close());
    return store;
  }

  onClose(closer: () => Promise<unknown>): void {
    this.#closers.unshift(closer);
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0)) await closer();
  }

  async connect(log?: QueueLog): Promise<QueueBackend> {
    const backend = await connectBackend(this.options, log);
    this.onClose(() => backend.close());
    return backend;
  }

  async publisher(backend: QueueBackend, partitions = 1, maxItemsPerJob = 500): Promise<PartitionPublisher<Item>> {
    const publisher = await PartitionPublisher.open<Item>(backend, { partitions, maxItemsPerJob });
    this.onClose(() => publisher.close());
    return publisher;
  }

  async workers(backend: QueueBackend, options: Workers): Promise<PartitionWorkers<Item>> {
    const workers = new PartitionWorkers<Item>(backend, {
      partitions: 1,
      batchMaxItems: 500,
      maxBatchesPerSecond: null,
      deadLetters: await DeadLetters.open(backend),
      describe: ({ key, n }) => `${key}:${n}`,
      lockMs: 1_000,
      ...options,
    });
    this.onClose(() => workers.close());
    await workers.start();
    return workers;
  }
}

/** Holds who waits for `passed` until `open` is called. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

export function items(from: number, to: number, key = 'a'): { key: string; item: Item }[] {
  return Array.from({ length: to - from }, (_, index) => ({ key, item: { key, n: from + index } }));
}

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** The order in which numbers were first seen: an item may come again, but never for the first time after its successor. */
export function firstSeen(seen: readonly number[]): number[] {
  return [...new Set(seen)];
}
