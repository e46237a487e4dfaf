import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allScenarios } from './scenarios.js';
import type { AppendFsync } from './servers/redis.js';
import type { BackendName, SystemName } from './systems/system.js';

const HELP = `npm run bench [-- options]
  Measures this build beside other ways to do it, on a PostgreSQL and a Redis of its own.
  --backend redis|postgres      of the queue; default both
  --scenario NAME,...           default all
  --rivals NAME,...|none        of noop, sync, job-per-event; default all
  --appendfsync everysec|always of Redis; default everysec, and live and steady-1000 with always beside
  --seconds N                   how long load lasts, default 10
  --seed N                      default 1
  --rounds N                    how often all is run, one round after the other; of each figure the median is told. Default 1
  --json FILE                   results as JSON, a line each, put to the end of the file
  --profile DIR                 also write a CPU profile of each Node process there
  --ci                          a small check instead: what an event costs against sync, with wide bounds
  --bars                        compare the results with what the product is meant to reach

  Scenarios: `;

export interface Options {
  readonly backends: readonly BackendName[];
  readonly scenarios: readonly string[] | null;
  readonly systems: readonly SystemName[];
  /** Null: as each run is planned. */
  readonly appendfsync: AppendFsync | null;
  readonly seconds: number;
  readonly seed: number;
  readonly rounds: number;
  readonly json: string | null;
  /** Folder of the CPU profiles; null for none. */
  readonly profile: string | null;
  readonly bars: boolean;
  readonly ci: boolean;
}

const RIVALS = ['noop', 'sync', 'job-per-event'] as const;

/** Reads the command line; ends the process where it asks for help or is wrong. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        backend: { type: 'string' },
        scenario: { type: 'string' },
        rivals: { type: 'string' },
        appendfsync: { type: 'string' },
        seconds: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '1' },
        json: { type: 'string' },
        profile: { type: 'string' },
        bars: { type: 'boolean', default: false },
        ci: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${HELP}${scenarioNames().join(', ')}\n`);
      process.exit(0);
    }
    const rivals = values.rivals === 'none' ? [] : listOf('--rivals', values.rivals ?? RIVALS.join(','), RIVALS);
    return {
      backends: listOf('--backend', values.backend ?? 'redis,postgres', ['redis', 'postgres'] as const),
      scenarios: values.scenario === undefined ? null : listOf('--scenario', values.scenario, scenarioNames()),
      systems: ['product', ...rivals],
      appendfsync:
        values.appendfsync === undefined ? null : oneOf('--appendfsync', values.appendfsync, ['everysec', 'always'] as const),
      seconds: numberOf('--seconds', values.seconds),
      seed: numberOf('--seed', values.seed),
      rounds: numberOf('--rounds', values.rounds),
      json: values.json ?? null,
      profile: values.profile === undefined ? null : resolve(values.profile),
      bars: values.bars,
      ci: values.ci,
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}${scenarioNames().join(', ')}\n`);
    process.exit(1);
  }
}

function scenarioNames(): string[] {
  return allScenarios(1).map(({ name }) => name);
}

function listOf<T extends string>(option: string, text: string, allowed: readonly T[]): T[] {
  return text.split(',').map((name) => oneOf(option, name, allowed));
}

function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === text);
  if (found === undefined) throw new RangeError(`${option} is one of ${allowed.join(', ')}, not ${JSON.stringify(text)}`);
  return found;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${option} is a whole number from 1, not ${JSON.stringify(text)}`);
  return value;
}
