import { Redis } from 'ioredis';
import pg from 'pg';

/** A part of a store as text, and where it stands. */
export interface StoredText {
  readonly place: string;
  readonly text: string;
}

/** Every value of every column of every table of every schema of a database that is not PostgreSQL's own, one text a row. */
export async function databaseTexts(url: string): Promise<StoredText[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ schema: string; name: string; columns: { name: string; type: string }[] }>(`
      SELECT n.nspname AS schema, c.relname AS name,
        json_agg(json_build_object('name', a.attname, 'type', a.atttypid::regtype::text) ORDER BY a.attnum) AS columns
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
      GROUP BY 1, 2`);
    const texts: StoredText[] = [];
    for (const { schema, name, columns } of tables) {
      // Bytes are shown as hex, and beside it as what a reader of them would see.
      const values = columns.map((column) => {
        const quoted = client.escapeIdentifier(column.name);
        return column.type === 'bytea' ? `${quoted}::text || ' ' || encode(${quoted}, 'escape')` : `${quoted}::text`;
      });
      const { rows } = await client.query<{ text: string }>(
        `SELECT concat_ws(E'\\n', ${values.join(', ')}) AS text FROM ${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`,
      );
      texts.push(...rows.map(({ text }) => ({ place: `${schema}.${name}`, text })));
    }
    return texts;
  } finally {
    await client.end();
  }
}

/** Every key of a Redis, of whatever type, with its whole value. What goes while it is read is left out. */
export async function redisTexts(url: string): Promise<StoredText[]> {
  const redis = new Redis(url);
  try {
    const texts: StoredText[] = [];
    for await (const keys of redis.scanStream({ count: 1_000 })) {
      for (const key of [keys].flat().map(String))
        texts.push({ place: `redis ${key}`, text: `${key}\n${await wholeValue(redis, key)}` });
    }
    return texts;
  } finally {
    redis.disconnect();
  }
}

async function wholeValue(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key), null, 1).replaceAll('\\"', '"');
    case 'list':
      return (await redis.lrange(key, 0, -1)).join('\n');
    case 'set':
      return (await redis.smembers(key)).join('\n');
    case 'zset':
      return (await redis.zrange(key, '0', '-1', 'WITHSCORES')).join('\n');
    case 'stream':
      return (await redis.xrange(key, '-', '+')).map(([id, fields]) => `${id} ${fields.join(' ')}`).join('\n');
    case 'none':
      return '';
    default:
      throw new Error(`${key} is of a type that is not read`);
  }
}

/** Where a word stands, as `word in place`: as it is, in capitals or not, or encoded as hex, base64, or in a URL. */
export function find(words: readonly string[], texts: readonly StoredText[]): string[] {
  const all = texts.map(({ place, text }) => ({ place, text, lower: text.toLowerCase() }));
  // Most words are nowhere, which one look at the whole tells.
  const whole = { text: texts.map(({ text }) => text).join('\0'), lower: all.map(({ lower }) => lower).join('\0') };
  const found = new Set<string>();
  for (const word of new Set(words)) {
    const spellings = spellingsOf(word);
    const stands = ({ text, lower }: { text: string; lower: string }) =>
      spellings.some(({ spelling, exact }) => (exact ? text : lower).includes(spelling));
    if (!stands(whole)) continue;
    for (const one of all) if (stands(one)) found.add(`${word} in ${one.place}`);
  }
  return [...found];
}

function spellingsOf(word: string): { spelling: string; exact: boolean }[] {
  const bytes = Buffer.from(word);
  const base64 = [0, 1, 2].map((shift) => {
    // What stands before a word shifts it in base64; only the digits that are the word's alone are looked for.
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
  });
  return [
    { spelling: word.toLowerCase(), exact: false },
    { spelling: encodeURIComponent(word).toLowerCase(), exact: false },
    { spelling: bytes.toString('hex'), exact: false },
    ...base64.filter((spelling) => spelling.length >= 8).map((spelling) => ({ spelling, exact: true })),
  ];
}
