import type pg from 'pg';
import { LockPlanOutdatedError } from './lock-plan-outdated.js';
import { type PreparedStatement, StatementGroup, type StatementResult } from './statement-group.js';
import { nameOf } from './statements.js';

/** A statement was asked for after its transaction. */
export class TransactionOverError extends Error {
  readonly code = 'transaction_over';

  constructor() {
    super('the transaction is over');
    this.name = 'TransactionOverError';
  }
}

interface Waiting {
  readonly statement: PreparedStatement;
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs statements on one connection, in the order in which they are asked for. Those that are asked for before the program waits for anything go in one
 * message: a message costs both sides some system calls and a change of the running process, which a small statement costs less than.
 */
export class GroupedStatements {
  readonly #client: pg.PoolClient;
  #first: readonly PreparedStatement[];
  #waiting: Waiting[] = [];
  #hasBegun = false;
  #isOver = false;

  /** `begin`: texts of what is run before the first statement, with it. */
  constructor(client: pg.PoolClient, begin: readonly string[]) {
    this.#client = client;
    this.#first = begin.map((text) => prepared({ name: nameOf(text), text, values: [] }));
  }

  /** Whether anything was sent. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** @throws what the driver throws, for all statements of a message alike: the transaction is lost with one of them. */
  run(statement: PreparedStatement): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(new TransactionOverError());
      this.#waiting.push({ statement: prepared(statement), resolve, reject });
      // After all that is ready to run now.
      if (this.#waiting.length === 1) process.nextTick(() => void this.#send());
    });
  }

  /** From now on nothing is run: what was asked for beside a step that failed must not run after the transaction. */
  end(): void {
    this.#isOver = true;
  }

  async #send(): Promise<void> {
    const [first, waiting] = [this.#first, this.#waiting];
    [this.#first, this.#waiting, this.#hasBegun] = [[], [], true];
    try {
      if (this.#isOver) throw new TransactionOverError();
      const group = new StatementGroup([...first, ...waiting.map(({ statement }) => statement)]);
      this.#client.query(group);
      const results = (await group.done).slice(first.length);
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error('a statement gave no result'));
        else resolve(result);
      }
    } catch (error) {
      const failure = isOutdated(error) ? new LockPlanOutdatedError() : error;
      for (const { reject } of waiting) reject(failure);
    }
  }
}

/** SQLSTATE by which {@link Statements.executeAll} fails. */
const DIVISION_BY_ZERO = '22012';

function isOutdated(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DIVISION_BY_ZERO;
}

/** Under another name than outside of transactions, where the driver itself keeps account of what a connection has prepared. */
function prepared(statement: PreparedStatement): PreparedStatement {
  return { ...statement, name: `grouped_${statement.name}` };
}
