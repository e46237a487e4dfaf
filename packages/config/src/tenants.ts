import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { readSettings } from './read-settings.js';
import {
  ACCESS_URL_MAX,
  BBB_ALGORITHMS,
  baseUrl,
  type Environment,
  SCOPES,
  text,
  URL_ALGORITHMS,
  type VariableName,
} from './variables.js';

/** One access URL of the learning platform, with its own keys and its own BBB server. Of several secrets each verifies, and the first signs. */
export interface TenantSettings {
  readonly accessUrlId: number;
  /** Of the legacy URL's signature. */
  readonly salts: readonly string[];
  /** Of the modern endpoint. */
  readonly kernelSecrets: readonly string[];
  /** Ends in `/bigbluebutton`; null where no server is to be called. */
  readonly bbbUrl: string | null;
  /** Shared secrets of the BBB server. */
  readonly bbbSecrets: readonly string[];
  /** Of the checksums of calls to the BBB server. */
  readonly bbbAlgorithm: (typeof BBB_ALGORITHMS)[number];
  /** Of the legacy URL's signature. */
  readonly urlAlgorithm: (typeof URL_ALGORITHMS)[number];
  readonly scope: (typeof SCOPES)[number];
  /** Event names in lower case; none lets every event pass. */
  readonly filter: readonly string[];
  /** Where the filter is told, for who is to mend it. */
  readonly filterSource: string;
  readonly enabled: boolean;
  /** Take a legacy URL without time although its delivery proves nothing. */
  readonly allowUntimed: boolean;
}

export interface Tenants {
  /** TENANTS_FILE; null where the variables of one tenant are the source. */
  readonly file: string | null;
  /** By access URL id. */
  readonly all: ReadonlyMap<number, TenantSettings>;
}

/** What TENANTS_FILE tells for each access URL, so that it cannot be told beside it. */
const SHORT_FORM = [
  'BBB_URL',
  'BBB_SECRET',
  'BBB_SECRET_PREVIOUS',
  'BBB_CHECKSUM_ALGO',
  'WEBHOOK_SALT',
  'WEBHOOK_SALT_PREVIOUS',
  'KERNEL_SECRET',
  'KERNEL_SECRET_PREVIOUS',
  'WEBHOOKS_ENABLED',
  'WEBHOOKS_SCOPE',
  'WEBHOOKS_HASH_ALGO',
  'WEBHOOKS_EVENT_FILTER',
  'WEBHOOKS_ALLOW_UNTIMED',
] as const satisfies readonly VariableName[];

const VARIABLE_OF = { salt: 'WEBHOOK_SALT', kernelSecret: 'KERNEL_SECRET', bbbSecret: 'BBB_SECRET' } as const;

const Entry = z.strictObject({
  salt: text.optional(),
  saltPrevious: text.optional(),
  kernelSecret: text.optional(),
  kernelSecretPrevious: text.optional(),
  bbbUrl: z.string().pipe(baseUrl).optional(),
  bbbSecret: text.optional(),
  bbbSecretPrevious: text.optional(),
  algorithm: z.enum(BBB_ALGORITHMS).default('sha1'),
  urlAlgorithm: z.enum(URL_ALGORITHMS).default('sha256'),
  scope: z.enum(SCOPES).default('per_meeting'),
  filter: z.array(text.trim().toLowerCase()).default([]),
  enabled: z.boolean().default(true),
  allowUntimed: z.boolean().default(false),
});

/**
 * The access URLs that are served: those of TENANTS_FILE, else the one that the single-server variables tell, which are its short form.
 *
 * @throws ConfigError naming the variable, or file, access URL and field; no value is told, it may be a secret
 */
export function readTenants(environment: Environment): Tenants {
  const { TENANTS_FILE: file } = readSettings(environment, ['TENANTS_FILE']);
  if (file === undefined) {
    const tenant = shortForm(environment);
    return { file: null, all: new Map([[tenant.accessUrlId, tenant]]) };
  }
  const beside = SHORT_FORM.find((name) => (environment[name] ?? '') !== '');
  if (beside !== undefined) throw new ConfigError(`${beside} is set beside TENANTS_FILE, which tells it for each access URL`);
  const entries = readEntries(file);
  if (entries.length === 0) throw new ConfigError(`${nameOf(file)}: there is no access URL in it`);
  return { file, all: new Map(entries.map(([id, entry]) => [Number(id), ofEntry(file, id, entry)])) };
}

function shortForm(environment: Environment): TenantSettings {
  const settings = readSettings(environment, [...SHORT_FORM, 'ACCESS_URL_ID']);
  const secrets = secretsOf({
    salt: settings.WEBHOOK_SALT,
    saltPrevious: settings.WEBHOOK_SALT_PREVIOUS,
    kernelSecret: settings.KERNEL_SECRET,
    kernelSecretPrevious: settings.KERNEL_SECRET_PREVIOUS,
    bbbSecret: settings.BBB_SECRET,
    bbbSecretPrevious: settings.BBB_SECRET_PREVIOUS,
  });
  if (typeof secrets === 'string')
    throw new ConfigError(`${VARIABLE_OF[secrets]}_PREVIOUS is set without ${VARIABLE_OF[secrets]}`);
  return {
    ...secrets,
    accessUrlId: settings.ACCESS_URL_ID,
    bbbUrl: settings.BBB_URL ?? null,
    bbbAlgorithm: settings.BBB_CHECKSUM_ALGO,
    urlAlgorithm: settings.WEBHOOKS_HASH_ALGO,
    scope: settings.WEBHOOKS_SCOPE,
    filter: settings.WEBHOOKS_EVENT_FILTER ?? [],
    filterSource: 'WEBHOOKS_EVENT_FILTER',
    enabled: settings.WEBHOOKS_ENABLED,
    allowUntimed: settings.WEBHOOKS_ALLOW_UNTIMED,
  };
}

function readEntries(file: string): readonly (readonly [string, unknown])[] {
  const document = parse(file, read(file));
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new ConfigError(`${nameOf(file)} must be an object: access URL id to settings`);
  return Object.entries(document);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is not readable';
    throw new ConfigError(`${nameOf(file)} cannot be read: ${reason}`);
  }
}

function parse(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // The words of the error quote the file.
    throw new ConfigError(`${nameOf(file)} is not JSON`);
  }
}

function ofEntry(file: string, id: string, entry: unknown): TenantSettings {
  const place = `${nameOf(file)}, access URL ${JSON.stringify(id)}`;
  if (!/^[1-9][0-9]{0,9}$/.test(id) || Number(id) > ACCESS_URL_MAX)
    throw new ConfigError(`${place}: the id must be a whole number from 1 to ${ACCESS_URL_MAX}`);
  const result = Entry.safeParse(entry);
  if (!result.success) throw new ConfigError(`${place}: ${problemOf(result.error)}`);
  const { salt, saltPrevious, kernelSecret, kernelSecretPrevious, bbbUrl, bbbSecret, bbbSecretPrevious, algorithm, ...rest } =
    result.data;
  if (bbbUrl !== undefined && bbbSecret === undefined) throw new ConfigError(`${place}: bbbSecret is missing beside bbbUrl`);
  if (salt === undefined && kernelSecret === undefined && bbbSecret === undefined)
    throw new ConfigError(`${place}: bbbSecret is missing (or salt, or kernelSecret): nothing could be verified`);
  const secrets = secretsOf({ salt, saltPrevious, kernelSecret, kernelSecretPrevious, bbbSecret, bbbSecretPrevious });
  if (typeof secrets === 'string') throw new ConfigError(`${place}: ${secrets}Previous is set without ${secrets}`);
  return {
    ...rest,
    ...secrets,
    accessUrlId: Number(id),
    bbbUrl: bbbUrl ?? null,
    bbbAlgorithm: algorithm,
    filterSource: `${place}: filter`,
  };
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'is not valid';
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: there is no such field`;
  return issue.path.length === 0 ? 'must be an object' : `${issue.path.join('.')}: ${issue.message}`;
}

function nameOf(file: string): string {
  return `TENANTS_FILE ${file}`;
}

type ToldSecrets = Readonly<
  Record<'salt' | 'kernelSecret' | 'bbbSecret' | `${'salt' | 'kernelSecret' | 'bbbSecret'}Previous`, string | undefined>
>;

/** The present secret of each kind first, then the one that it takes the place of; else the kind of which only the former is told. */
function secretsOf(
  told: ToldSecrets,
): Pick<TenantSettings, 'salts' | 'kernelSecrets' | 'bbbSecrets'> | 'salt' | 'kernelSecret' | 'bbbSecret' {
  const { bbbSecret, bbbSecretPrevious, kernelSecret, kernelSecretPrevious } = told;
  // The salt defaults to the shared secret, the former one to the former one: unless a salt is told, both change at once.
  const salt = told.salt ?? bbbSecret;
  const saltPrevious = told.saltPrevious ?? (told.salt === undefined ? bbbSecretPrevious : undefined);
  if (bbbSecret === undefined && bbbSecretPrevious !== undefined) return 'bbbSecret';
  if (salt === undefined && saltPrevious !== undefined) return 'salt';
  if (kernelSecret === undefined && kernelSecretPrevious !== undefined) return 'kernelSecret';
  return {
    salts: distinct(salt, saltPrevious),
    kernelSecrets: distinct(kernelSecret, kernelSecretPrevious),
    bbbSecrets: distinct(bbbSecret, bbbSecretPrevious),
  };
}

function distinct(...secrets: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(secrets.filter((secret) => secret !== undefined))];
}
