import { isIP } from 'node:net';
import { z } from 'zod';

/** Kept as it is written: no trimming, so that a secret with a space at its end still is the same secret. */
export const text = z.string().min(1, 'must not be empty');

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const yesNo = z
  .string()
  .toLowerCase()
  .refine((value) => ['true', 'false', '1', '0'].includes(value), 'must be true or false')
  .transform((value) => value === 'true' || value === '1');

const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );

/** Without the slash at its end, so that a path can be put behind it. */
export const baseUrl = url('http:', 'https:')
  .refine((value) => !/[?#]/.test(value), 'must be a URL without ? and #')
  .transform((value) => value.replace(/\/+$/, ''));

/** What signs the URL of the legacy endpoint (docs/wire.md). */
export const URL_ALGORITHMS = ['sha256', 'sha1'] as const;
/** What a BBB server may be set to take checksums by (docs/wire.md, "The hooks API"). */
export const BBB_ALGORITHMS = ['sha1', 'sha256', 'sha384', 'sha512'] as const;
export const SCOPES = ['per_meeting', 'global'] as const;
/** An access URL's id is a positive 32-bit integer in the platform's database. */
export const ACCESS_URL_MAX = 2_147_483_647;

const names = z.string().transform((value) =>
  value
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== ''),
);

const longToken = z.string().min(16, 'must have 16 characters or more');

/** What @fastify/proxy-addr knows by name, besides addresses. */
const ADDRESS_RANGES: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

/** An IP address, alone or with the length of its prefix, or a range by its name. No name of a host: nobody would look it up. */
function isAddressRange(value: string): boolean {
  if (ADDRESS_RANGES.includes(value)) return true;
  const [address = '', length, ...more] = value.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
}

/**
 * Every environment variable that any process of this project reads. An app picks those it needs, and says which must be there.
 * The table in README.md is compared with this one by a test.
 */
export const VARIABLES = {
  HOST: text.default('127.0.0.1'),
  PORT: integer(0, 65_535).default(8080),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  REDIS_ALLOW_UNSAFE: yesNo.default(false),
  DATA_DIR: text.default('.data'),
  BBB_URL: baseUrl.optional(),
  BBB_SECRET: text.optional(),
  BBB_SECRET_PREVIOUS: text.optional(),
  BBB_CHECKSUM_ALGO: z.enum(BBB_ALGORITHMS).default('sha1'),
  WEBHOOK_SALT: text.optional(),
  WEBHOOK_SALT_PREVIOUS: text.optional(),
  KERNEL_SECRET: text.optional(),
  KERNEL_SECRET_PREVIOUS: text.optional(),
  IDENTITY_KEY: text.optional(),
  ACCESS_URL_ID: integer(1, ACCESS_URL_MAX).default(1),
  TENANTS_FILE: text.optional(),
  PUBLIC_URL: baseUrl.optional(),
  DASHBOARD_URL: baseUrl.optional(),
  TRUSTED_PROXIES: names
    .refine((all) => all.every(isAddressRange), 'must be IP addresses, or ranges such as 10.0.0.0/8')
    .optional(),
  WEBHOOKS_ENABLED: yesNo.default(true),
  WEBHOOKS_SCOPE: z.enum(SCOPES).default('per_meeting'),
  WEBHOOKS_HASH_ALGO: z.enum(URL_ALGORITHMS).default('sha256'),
  WEBHOOKS_EVENT_FILTER: names.optional(),
  WEBHOOKS_ALLOW_UNTIMED: yesNo.default(false),
  MEETING_POLICY: z.enum(['register', 'known']).default('register'),
  ADMIN_TOKEN: longToken.optional(),
  ADMIN_TOKEN_PREVIOUS: longToken.optional(),
  PARTITIONS: integer(1, 256).default(8),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, - and _, beginning with a letter')
    .default('bbb-activity'),
  WORKER_PARTITIONS: integer(1, 256).optional(),
  /** As many as make 100 years at most: beyond, PostgreSQL's times end. */
  STALE_AFTER_SILENCE_MINUTES: integer(0, 52_560_000).default(720),
  EVENT_RETENTION_DAYS: integer(0, 36_500).default(90),
  INGRESS_LINGER_MS: integer(0, 1_000).default(5),
  SPOOL_DIR: text.optional(),
  SPOOL_MAX_BYTES: integer(1_048_576, 1_099_511_627_776).default(1_073_741_824),
  BATCH_MAX_EVENTS: integer(1, 10_000).default(500),
  DB_MAX_TRANSACTIONS_PER_SECOND: integer(1, 100_000).default(80),
  DB_MAX_CONNECTIONS: integer(1, 1_000).default(10),
  METRICS_HOST: text.default('127.0.0.1'),
  METRICS_PORT: integer(0, 65_535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
} as const;

export type VariableName = keyof typeof VARIABLES;
type Value<N extends VariableName> = z.output<(typeof VARIABLES)[N]>;
/** What is there for sure once a variable is required. */
export type Required<N extends VariableName> = NonNullable<Value<N>>;
export type Environment = Readonly<Record<string, string | undefined>>;
export type Settings<Optional extends VariableName, Needed extends VariableName> = {
  readonly [N in Optional]: Value<N>;
} & { readonly [N in Needed]: Required<N> };
