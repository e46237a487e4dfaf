import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@bbb-activity/config/config-error';
import type { Environment } from '@bbb-activity/config/variables';
import { z } from 'zod';

const FILE = 'secrets.json';
const SecretsFile = z.object({
  BBB_SECRET: z.string().min(1),
  KERNEL_SECRET: z.string().min(1),
  ADMIN_TOKEN: z.string().min(1),
  IDENTITY_KEY: z.string().min(1),
  /** Of the embedded server. */
  POSTGRES_PASSWORD: z.string().min(1),
});
export type SecretsFile = z.infer<typeof SecretsFile>;

export interface StandaloneSecrets {
  /** The environment, with a secret from the file wherever it names none itself. */
  readonly environment: Environment;
  readonly postgresPassword: string;
  readonly path: string;
  /** Whether the file was made now. */
  readonly made: boolean;
}

/**
 * The secrets of a standalone: random ones made on the first start and kept in its data folder, readable to its owner alone.
 * What the environment sets wins.
 *
 * @throws ConfigError if the file cannot be read as what this function wrote
 */
export async function standaloneSecrets(environment: Environment, dataDir: string): Promise<StandaloneSecrets> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE);
  const kept = await readSecrets(dataDir);
  const made = kept === null;
  const secrets = kept ?? newSecrets();
  if (made) await writeFile(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  // An earlier file may have been copied here with looser rights.
  await chmod(path, 0o600);
  const told = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  return { environment: { ...secretsBeside(told, secrets), ...told }, postgresPassword: secrets.POSTGRES_PASSWORD, path, made };
}

/** Those of the file that count in this environment: where TENANTS_FILE tells the keys of each access URL, no others are made up. */
export function secretsBeside(environment: Environment, secrets: SecretsFile): Environment {
  if ((environment['TENANTS_FILE'] ?? '') === '') return secrets;
  const { BBB_SECRET: _shared, KERNEL_SECRET: _kernel, ...rest } = secrets;
  return rest;
}

function newSecrets(): SecretsFile {
  const secret = () => randomBytes(24).toString('base64url');
  return {
    BBB_SECRET: secret(),
    KERNEL_SECRET: secret(),
    ADMIN_TOKEN: secret(),
    IDENTITY_KEY: secret(),
    POSTGRES_PASSWORD: secret(),
  };
}

/** The secrets of a data folder; null where none were made. @throws ConfigError if they cannot be read as what was written */
export async function readSecrets(dataDir: string): Promise<SecretsFile | null> {
  const path = join(dataDir, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new ConfigError(`${path} cannot be read: ${error.message}`);
  });
  if (text === null) return null;
  const result = SecretsFile.safeParse(parse(text, path));
  if (!result.success)
    throw new ConfigError(`${path}: ${result.error.issues[0]?.path.join('.')} ${result.error.issues[0]?.message}`);
  return result.data;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${path} is not JSON`);
  }
}
