import { randomBytes } from 'node:crypto';
import type { PersonalData } from '@bbb-activity/app-cli/personal-data';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readKey } from '@bbb-activity/config/secret-key';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { seal } from '@bbb-activity/events/sealed-evidence';
import { connectBackend } from '@bbb-activity/queue/backend';
import { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { PartitionPublisher } from '@bbb-activity/queue/partition-publisher';
import { ownPrefix, redisUrl } from '../../support/services.js';
import { createStore, type StoreFixture } from '../store/store-fixture.js';

/** What the commands about personal data work on: a database, and a queue that no worker serves. */
export class PersonalDataFixture {
  /** By which a command finds them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly data: PersonalData;
  readonly store: StoreFixture;
  readonly letters: DeadLetters;

  private constructor(
    environment: Readonly<Record<string, string>>,
    data: PersonalData,
    store: StoreFixture,
    letters: DeadLetters,
  ) {
    this.environment = environment;
    this.data = data;
    this.store = store;
    this.letters = letters;
  }

  static async create(kind: 'redis' | 'postgres'): Promise<PersonalDataFixture> {
    const store = await createStore();
    const environment = {
      DATABASE_URL: store.database.url,
      QUEUE_PREFIX: ownPrefix(),
      IDENTITY_KEY: randomBytes(16).toString('hex'),
      ...(kind === 'redis' ? { REDIS_URL: redisUrl() } : {}),
    };
    const backend = await connectBackend(readQueueSettings(environment));
    const erasureKey = readKey(environment, 'erasure');
    const identityKey = readKey(environment, 'event identity');
    if (erasureKey === null || identityKey === null) throw new Error('the environment holds a key');
    const data = { backend, store: store.store, erasureKey, identityKey, accessUrlId: 1 };
    return new PersonalDataFixture(environment, data, store, await DeadLetters.open(backend));
  }

  async queue(...events: ConferenceEvent[]): Promise<void> {
    const publisher = await PartitionPublisher.open<ConferenceEvent>(this.data.backend, { partitions: 1, maxItemsPerJob: 1 });
    await publisher.publish(events.map((item) => ({ key: 'one', item })));
    await publisher.close();
  }

  /** Puts texts aside as ingress does. */
  async sealed(...texts: string[]): Promise<void> {
    for (const text of texts) await this.#aside({ accessUrlId: 1, sealed: seal(text, this.data.identityKey) });
  }

  /** One that was sealed under another key. */
  async sealedOtherwise(): Promise<void> {
    await this.#aside({ accessUrlId: 1, sealed: seal('anything', randomBytes(32)) });
  }

  async letter(event: ConferenceEvent): Promise<void> {
    await this.#aside(event);
  }

  /** Makes one queued job something that nobody can decode. Gives its place as it is told. */
  async spoilJob(): Promise<string> {
    const [job] = await this.data.backend.newestWaiting('activity-0', 1, null);
    const id = job?.id ?? '';
    await this.data.backend.changeData('activity-0', id, async () => ({ data: { json: 'cut' } }));
    return `activity-0/${id}`;
  }

  async close(): Promise<void> {
    await this.data.backend.close();
    await this.store.close();
  }

  async #aside(payload: unknown): Promise<void> {
    await this.letters.add({ reason: 'r', detail: 'd', payload, source: 's' });
  }
}
