import type { Scenario } from './scenarios.js';
import type { PostgresServer } from './servers/postgres.js';
import type { AppendFsync } from './servers/redis.js';
import type { BackendName, System } from './systems/system.js';

/** What tells one run from the others. */
export interface RunIdentity {
  readonly system: System;
  readonly scenario: Scenario;
  readonly backend: BackendName;
  readonly appendfsync: AppendFsync;
  readonly seed: number;
  /** Of the whole plan, from 1. */
  readonly round: number;
}

/** One system in one scenario. */
export interface RunOptions extends RunIdentity {
  readonly postgres: PostgresServer;
  /** Where CPU profiles go; null for none. */
  readonly profile: string | null;
  /** For logs and data; removed by who made it. */
  readonly dir: string;
}
