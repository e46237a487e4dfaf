import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export interface StoreOptions {
  readonly databaseUrl: string;
  /** The most connections that this process holds at once. */
  readonly maxConnections: number;
  /** PostgreSQL schema of the tables; the database's own search path where left out. */
  readonly schema?: string;
}

/** The database, as this product uses it. */
export interface Store {
  readonly prisma: PrismaClient;
  /** Resolves when the database answers; throws what the driver throws where it does not. */
  ping(): Promise<void>;
  /** Ends all connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Time in which a connection must be made before it counts as failed. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens no connection by itself: the first statement does. */
export function openStore(options: StoreOptions): Store {
  const { schema } = options;
  const adapter = new PrismaPg(
    {
      connectionString: options.databaseUrl,
      max: options.maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
    },
    schema === undefined ? {} : { schema },
  );
  const prisma = new PrismaClient({ adapter });
  let closed: Promise<void> | undefined;
  return {
    prisma,
    async ping() {
      await prisma.$queryRaw`SELECT 1`;
    },
    close() {
      closed ??= prisma.$disconnect();
      return closed;
    },
  };
}
