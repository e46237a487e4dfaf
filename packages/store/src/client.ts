import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.js';
import { watchConnections } from './live-connection.js';
import { Statements } from './statements.js';

export interface StoreOptions {
  readonly databaseUrl: string;
  /** The most connections that this process holds at once. */
  readonly maxConnections: number;
  /** Time in which a connection must be made, or got from the pool, before it counts as failed, in ms. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** PostgreSQL schema of the tables; the database's own search path where left out. */
  readonly schema?: string;
}

/** The database, as this product uses it. */
export interface Store {
  /** Prisma's client, on the same connections. */
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** Statements outside of a transaction, each on any connection. */
  readonly statements: Statements;
  /** Resolves when the database answers; throws what the driver throws where it does not. */
  ping(): Promise<void>;
  /** Ends all connections. Safe to call twice. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 300_000;

/** Opens no connection by itself: the first statement does. */
export function openStore(options: StoreOptions): Store {
  const { schema } = options;
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // A new connection knows no statement, and the process forgets what it knew of the database.
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
  });
  watchConnections(pool);
  // Of a connection that nobody uses: the pool drops it and makes another one when asked. Whoever needs the database is told by the statement.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, schema === undefined ? {} : { schema }) });
  let closed: Promise<void> | undefined;
  return {
    prisma,
    pool,
    statements: Statements.on(pool),
    async ping() {
      await pool.query('SELECT 1');
    },
    close() {
      closed ??= prisma.$disconnect().then(() => pool.end());
      return closed;
    },
  };
}
