import type { Socket } from 'node:net';
import type pg from 'pg';

/** A connection that nobody used for so long is asked whether it still leads anywhere, in ms: under load none is. */
const IDLE_MS = 2_000;
/** A server that answers at all answers that at once. */
const ANSWER_MS = 5_000;

/** What reads a whole meeting answers within seconds; a server that owes an answer for so long has gone without a word, in ms. */
const SILENCE_MS = 120_000;

const lastUsed = new WeakMap<pg.PoolClient, number>();

/** A connection did not answer: the network between may have forgotten it, without telling either side. */
export class DeadConnectionError extends Error {
  readonly code = 'dead_connection';

  constructor() {
    super('a connection to the database does not answer');
    this.name = 'DeadConnectionError';
  }
}

/** A connection of a pool that is {@link watchConnections watched}, which answers. Those that do not are closed: after a network that was half-open all may be dead. Throws what connecting throws. */
export async function connectLive(pool: pg.Pool): Promise<pg.PoolClient> {
  for (;;) {
    const client = await pool.connect();
    const used = lastUsed.get(client);
    if (used === undefined || Date.now() - used < IDLE_MS || (await answers(client))) return client;
    client.release(new DeadConnectionError());
  }
}

/**
 * Has the pool know when each connection was last used, and end those on which an answer is owed and nothing comes: whatever waits for it fails, instead of
 * waiting for ever. One that waits for nothing may be silent.
 */
export function watchConnections(pool: pg.Pool): void {
  const noteUse = (client: pg.PoolClient) => lastUsed.set(client, Date.now());
  pool.on('release', (_error, client) => noteUse(client));
  pool.on('connect', (client) => {
    noteUse(client);
    // The pool listens for the end of those that nobody has, and whoever has one listens too; between the two nobody does, and what ends a connection may come in
    // one piece with what made it. Unheard it would end the process. The connection's next statement fails by it.
    client.on('error', () => undefined);
    const { connection } = client as unknown as DriverClient;
    const { stream } = connection;
    stream.setTimeout(SILENCE_MS);
    stream.on('timeout', () => {
      if ((client as unknown as DriverClient).readyForQuery) stream.setTimeout(SILENCE_MS);
      else stream.destroy(new DeadConnectionError());
    });
  });
}

/** What the driver has and its types leave out. */
interface DriverClient {
  readonly connection: { readonly stream: Socket };
  /** False while an answer is owed. */
  readonly readyForQuery: boolean;
}

async function answers(client: pg.PoolClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((late) => {
    timer = setTimeout(() => late(false), ANSWER_MS);
  });
  const answered = client.query('SELECT 1').then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
