import pg, { type Connection, type Submittable } from 'pg';

/** A statement whose texts are few and fixed, and its parameters: bytes stand for values in their binary form. */
export interface PreparedStatement {
  /** Of this text on every connection. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a statement gave. */
export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

interface Field {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** The fields of the statements that a connection has prepared, by name; null where there are none. */
const prepared = new WeakMap<Connection, Map<string, readonly Field[] | null>>();

/**
 * Statements that are sent in one message, and run one after the other: the first that fails keeps the others from being run. Each is prepared once for
 * a connection, and its fields are asked for only then. The driver takes it as it takes a cursor (node-postgres, `Client.query` of what has `submit`).
 *
 *     submitted ──a row, a statement's end──▶ submitted ──ready──▶ resolved
 *         └──────────────error───────────────────┴───────────────▶ rejected
 */
export class StatementGroup implements Submittable {
  readonly statements: readonly PreparedStatement[];
  readonly done: Promise<readonly StatementResult[]>;
  readonly #results: StatementResult[] = [];
  #known = new Map<string, readonly Field[] | null>();
  #fields: readonly Field[] | null | undefined;
  #rows: Record<string, unknown>[] = [];
  #failure: unknown;
  #resolve: (results: readonly StatementResult[]) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(statements: readonly PreparedStatement[]) {
    this.statements = statements;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The driver calls this, and all below, by their names. */
  submit(connection: Connection): void {
    const known = prepared.get(connection) ?? new Map<string, readonly Field[] | null>();
    prepared.set(connection, known);
    this.#known = known;
    const { stream } = connection;
    stream.cork();
    const parsed = new Set<string>();
    for (const { name, text, values } of this.statements) {
      if (!known.has(name) && !parsed.has(name)) {
        parsed.add(name);
        // Of a statement that failed nobody knows whether it was prepared; to close one that was not is no error.
        connection.close({ type: 'S', name }, true);
        connection.parse({ name, text, types: [] }, true);
      }
      connection.bind({ statement: name, values: values.map(asParameter) }, true);
      if (!known.has(name)) connection.describe({ type: 'P' }, true);
      connection.execute(null, true);
    }
    connection.sync();
    stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#fields = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: pg.types.getTypeParser(dataTypeID, 'text') as Field['parse'],
    }));
  }

  handleDataRow({ fields: values }: { readonly fields: readonly (string | null)[] }): void {
    this.#fields ??= this.#known.get(this.#current?.name ?? '') ?? null;
    const row: Record<string, unknown> = {};
    const fields = this.#fields ?? [];
    try {
      fields.forEach(({ name, parse }, index) => {
        const value = values[index] ?? null;
        row[name] = value === null ? null : parse(value);
      });
      this.#rows.push(row);
    } catch (error) {
      // Thrown here it would end the process.
      this.#failure ??= error;
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const name = this.#current?.name ?? '';
    if (!this.#known.has(name)) this.#known.set(name, this.#fields ?? null);
    this.#results.push({ rows: this.#rows, rowCount: Number(/\d+$/.exec(text)?.[0] ?? 0) });
    this.#rows = [];
    this.#fields = undefined;
  }

  handleError(error: unknown): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    if (this.#failure === undefined) this.#resolve(this.#results);
    else this.#reject(this.#failure);
  }

  get #current(): PreparedStatement | undefined {
    return this.statements[this.#results.length];
  }
}

function asParameter(value: unknown): Buffer | string | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value : String(value);
}
