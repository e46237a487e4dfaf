import { ConfigError } from '@bbb-activity/config/config-error';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { readSettings } from '@bbb-activity/config/read-settings';
import { VARIABLES, type VariableName } from '@bbb-activity/config/variables';
import { describe, expect, it } from 'vitest';

describe('reading the environment', () => {
  it('gives the documented defaults where nothing is set, and takes an empty variable for one that is not', () => {
    const names = [
      'HOST',
      'PORT',
      'ACCESS_URL_ID',
      'WEBHOOKS_ENABLED',
      'WEBHOOKS_SCOPE',
      'WEBHOOKS_HASH_ALGO',
      'PARTITIONS',
      'LOG_LEVEL',
    ] as const;
    const defaults = {
      HOST: '127.0.0.1',
      PORT: 8_080,
      ACCESS_URL_ID: 1,
      WEBHOOKS_ENABLED: true,
      WEBHOOKS_SCOPE: 'per_meeting',
      WEBHOOKS_HASH_ALGO: 'sha256',
      PARTITIONS: 8,
      LOG_LEVEL: 'info',
    };
    expect(readSettings({}, names)).toEqual(defaults);
    expect(readSettings(Object.fromEntries(names.map((name) => [name, ''])), names)).toEqual(defaults);
  });

  it.each<[VariableName, string]>([
    ['PORT', '80a'],
    ['PORT', '80.5'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PARTITIONS', '0'],
    ['PARTITIONS', '1e1'],
    ['WEBHOOKS_ENABLED', 'yes please'],
    ['WEBHOOKS_HASH_ALGO', 'md5'],
    ['WEBHOOKS_SCOPE', 'everything'],
    ['REDIS_URL', 'localhost:6379'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['PUBLIC_URL', 'lms.example.org'],
    ['ADMIN_TOKEN', 'short'],
    ['ADMIN_TOKEN_PREVIOUS', 'short'],
    ['TRUSTED_PROXIES', '127.0.0.1,proxy.example.org'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['MEETING_POLICY', 'maybe'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s with one line that names it and does not tell the value', (name, value) => {
    const read = () => readSettings({ [name]: value }, [name]);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^${name} [^\n]+$`));
    expect(() => readSettings({ [name]: `${value}-secret-part` }, [name])).not.toThrow(/secret-part/);
  });

  it('takes addresses, ranges and the names of ranges for proxies', () => {
    const all = '127.0.0.1, ::1,10.0.0.0/8,fd00::/8,loopback';
    expect(readSettings({ TRUSTED_PROXIES: all }, ['TRUSTED_PROXIES']).TRUSTED_PROXIES).toEqual(all.split(/, */));
  });

  it('names a variable that is needed and missing', () => {
    expect(() => readSettings({}, [], ['DATABASE_URL'])).toThrow('DATABASE_URL is missing');
    expect(() => readSettings({ DATABASE_URL: '' }, [], ['DATABASE_URL'])).toThrow('DATABASE_URL is missing');
  });

  it('keeps a secret exactly as it is written', () => {
    expect(readSettings({ BBB_SECRET: ' a secret ' }, ['BBB_SECRET']).BBB_SECRET).toBe(' a secret ');
  });

  it('puts the queue into Redis where it is named, else into the database, else nowhere', () => {
    const DATABASE_URL = 'postgresql://localhost/x';
    expect(readQueueSettings({ DATABASE_URL, REDIS_URL: 'redis://localhost' })).toMatchObject({
      kind: 'redis',
      url: 'redis://localhost',
    });
    expect(readQueueSettings({ DATABASE_URL })).toMatchObject({ kind: 'postgres', url: DATABASE_URL });
    expect(() => readQueueSettings({})).toThrow(/^REDIS_URL is missing/);
  });

  it('has a default of the right type for every variable that has one', () => {
    for (const [name, schema] of Object.entries(VARIABLES)) expect(() => schema.parse(undefined), name).not.toThrow();
  });
});
