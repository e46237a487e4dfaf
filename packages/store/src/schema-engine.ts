import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** The little that is used of what Node has, but its types of this version do not tell. */
declare const WebAssembly: {
  instantiate(
    binary: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
};

let loaded: Promise<void> | undefined;

/**
 * Calls `use` with Prisma's schema engine in WebAssembly, connected to `databaseUrl`; nothing of it stays open after.
 *
 * The package's own entry imports its `.wasm` file as a module, which only bundlers and newer versions of Node can do;
 * so the same three steps are made here.
 */
export async function withSchemaEngine<T>(databaseUrl: string, use: (engine: bindings.SchemaEngine) => Promise<T>): Promise<T> {
  loaded ??= loadWebAssembly();
  await loaded;
  const pool = new pg.Pool({ connectionString: databaseUrl, Client: CatalogueClient });
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogueAdapterFactory(pool));
    const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

const CHAR_OID = 18;
const UUID_OID = 2950;

/**
 * The engine reads catalogue columns of PostgreSQL's internal type "char" when it describes a schema. It wants them as characters;
 * the adapter refuses the type. So they pass the adapter as uuid, of which the catalogue has none and which it leaves as
 * it is, and {@link CatalogueAdapterFactory} gives them their name. (The client is an option of the pool, so that the engine's shadow database
 * gets it too.)
 */
class CatalogueClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const connection: unknown = Reflect.get(this, 'connection');
    if (!(connection instanceof EventEmitter)) throw new Error('this version of pg has no connection to listen to');
    connection.on('rowDescription', (message: { readonly fields: { dataTypeID: number }[] }) => {
      for (const field of message.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = UUID_OID;
    });
  }
}

class CatalogueAdapterFactory extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    return readingCharacters(await super.connect());
  }

  override async connectToShadowDb(): ReturnType<PrismaPg['connect']> {
    return readingCharacters(await super.connectToShadowDb());
  }
}

function readingCharacters<Adapter extends SqlDriverAdapter>(adapter: Adapter): Adapter {
  const plain = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await plain(query);
    const columnTypes = result.columnTypes.map((type) => (type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  };
  return adapter;
}

async function loadWebAssembly(): Promise<void> {
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binary = await readFile(script.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start === 'function') start();
}
