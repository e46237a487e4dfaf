import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@bbb-activity/config/config-error';
import { readKey } from '@bbb-activity/config/secret-key';
import { readTenants } from '@bbb-activity/config/tenants';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenants-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: unknown): string {
  const path = join(folder, 'tenants.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const SECRETS = { bbbSecret: 'hidden-secret' };

describe('TENANTS_FILE', () => {
  it('tells each access URL with keys and a server of its own', () => {
    const TENANTS_FILE = fileOf({
      1: { salt: 'salt', kernelSecret: 'kernel', bbbUrl: 'https://one.example.org/bigbluebutton/', bbbSecret: 'one' },
      7: {
        bbbSecret: 'seven',
        algorithm: 'sha512',
        urlAlgorithm: 'sha1',
        scope: 'global',
        filter: [' User-Joined'],
        enabled: false,
        allowUntimed: true,
      },
    });
    const { file, all } = readTenants({ TENANTS_FILE });
    expect(file).toBe(TENANTS_FILE);
    expect([...all.keys()]).toEqual([1, 7]);
    expect(all.get(1)).toMatchObject({
      accessUrlId: 1,
      salts: ['salt'],
      kernelSecrets: ['kernel'],
      bbbUrl: 'https://one.example.org/bigbluebutton',
      bbbSecrets: ['one'],
      bbbAlgorithm: 'sha1',
      urlAlgorithm: 'sha256',
      scope: 'per_meeting',
      filter: [],
      enabled: true,
      allowUntimed: false,
    });
    expect(all.get(7)).toMatchObject({
      salts: ['seven'],
      kernelSecrets: [],
      bbbUrl: null,
      bbbAlgorithm: 'sha512',
      urlAlgorithm: 'sha1',
      scope: 'global',
      filter: ['user-joined'],
      enabled: false,
      allowUntimed: true,
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{"1": hidden', /is not JSON$/],
    ['no object', [SECRETS], /must be an object/],
    ['no access URL', {}, /there is no access URL/],
    ['an id that is none', { main: SECRETS }, /access URL "main": the id must be a whole number/],
    ['an entry that is none', { 2: 'hidden-secret' }, /access URL "2": must be an object/],
    ['a field that is none', { 2: { ...SECRETS, bbbSalt: 'hidden' } }, /access URL "2": bbbSalt: there is no such field/],
    ['a wrong URL', { 2: { ...SECRETS, bbbUrl: 'hidden.example.org' } }, /access URL "2": bbbUrl: must be a URL/],
    ['a wrong algorithm', { 2: { ...SECRETS, algorithm: 'hidden' } }, /access URL "2": algorithm: /],
    ['an empty secret', { 2: { ...SECRETS, salt: '' } }, /access URL "2": salt: must not be empty/],
    ['a wrong name in the filter', { 2: { ...SECRETS, filter: ['user-joined', 7] } }, /access URL "2": filter\.1: /],
    ['a URL without its secret', { 2: { salt: 'hidden', bbbUrl: 'https://x/bigbluebutton' } }, /"2": bbbSecret is missing/],
    ['a former secret alone', { 2: { ...SECRETS, kernelSecretPrevious: 'hidden' } }, /"2": kernelSecretPrevious is set without/],
    ['no secret', { 1: SECRETS, 2: { enabled: true } }, /access URL "2": bbbSecret is missing/],
  ])('with %s is refused by one line that names file, access URL and field, and tells no value', (_what, content, problem) => {
    const TENANTS_FILE = fileOf(content);
    const read = () => readTenants({ TENANTS_FILE });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(problem);
    expect(read).toThrow(/^TENANTS_FILE [^\n]*tenants\.json[^\n]*$/);
    expect(read).not.toThrow(/hidden/);
  });

  it('that is not there is told', () => {
    expect(() => readTenants({ TENANTS_FILE: '/nowhere/tenants.json' })).toThrow(
      'TENANTS_FILE /nowhere/tenants.json cannot be read: ENOENT',
    );
  });

  it('is not mixed with the variables of a single server', () => {
    const TENANTS_FILE = fileOf({ 1: SECRETS });
    expect(() => readTenants({ TENANTS_FILE, BBB_URL: 'https://x/bigbluebutton' })).toThrow(
      /^BBB_URL is set beside TENANTS_FILE/,
    );
    expect(readTenants({ TENANTS_FILE, BBB_URL: '', ACCESS_URL_ID: '3' }).all.size).toBe(1);
  });
});

describe('the variables of a single server', () => {
  it('are the short form of one access URL', () => {
    const { file, all } = readTenants({
      ACCESS_URL_ID: '3',
      BBB_URL: 'https://x/bigbluebutton',
      BBB_SECRET: 'shared',
      BBB_CHECKSUM_ALGO: 'sha384',
      KERNEL_SECRET: 'kernel',
      WEBHOOKS_EVENT_FILTER: 'User-Joined, user-left',
    });
    expect(file).toBeNull();
    expect([...all.keys()]).toEqual([3]);
    expect(all.get(3)).toMatchObject({
      salts: ['shared'],
      kernelSecrets: ['kernel'],
      bbbUrl: 'https://x/bigbluebutton',
      bbbSecrets: ['shared'],
      bbbAlgorithm: 'sha384',
      filter: ['user-joined', 'user-left'],
    });
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'of each kind',
      { WEBHOOK_SALT: 'a', WEBHOOK_SALT_PREVIOUS: 'b', KERNEL_SECRET: 'c', KERNEL_SECRET_PREVIOUS: 'd' },
      { salts: ['a', 'b'], kernelSecrets: ['c', 'd'] },
    ],
    [
      'of the BBB server, which is the salt too',
      { BBB_SECRET: 'a', BBB_SECRET_PREVIOUS: 'b' },
      { salts: ['a', 'b'], bbbSecrets: ['a', 'b'] },
    ],
    [
      'of the BBB server beside a salt',
      { BBB_SECRET: 'a', BBB_SECRET_PREVIOUS: 'b', WEBHOOK_SALT: 'c' },
      { salts: ['c'], bbbSecrets: ['a', 'b'] },
    ],
    [
      'where the shared secret was the salt before',
      { BBB_SECRET: 'a', WEBHOOK_SALT: 'b', WEBHOOK_SALT_PREVIOUS: 'a' },
      { salts: ['b', 'a'], bbbSecrets: ['a'] },
    ],
    ['that is the present one once', { BBB_SECRET: 'a', BBB_SECRET_PREVIOUS: 'a' }, { salts: ['a'], bbbSecrets: ['a'] }],
  ])('take the former secret %s behind the present one', (_what, environment, told) => {
    expect(readTenants(environment).all.get(1)).toMatchObject(told);
  });

  it('refuse a former secret without a present one', () => {
    expect(() => readTenants({ KERNEL_SECRET_PREVIOUS: 'hidden' })).toThrow(
      /^KERNEL_SECRET_PREVIOUS is set without KERNEL_SECRET$/,
    );
  });
});

describe('the keys that are made from a secret', () => {
  it.each([
    ['WEBHOOK_SALT', { WEBHOOK_SALT: 'old' }, { WEBHOOK_SALT: 'new', WEBHOOK_SALT_PREVIOUS: 'old' }],
    ['BBB_SECRET', { BBB_SECRET: 'old' }, { BBB_SECRET: 'new', BBB_SECRET_PREVIOUS: 'old' }],
    ['KERNEL_SECRET', { KERNEL_SECRET: 'old' }, { KERNEL_SECRET: 'new', KERNEL_SECRET_PREVIOUS: 'old' }],
  ])('do not change with %s: the start wants IDENTITY_KEY, which keeps them as they were', (_name, before, rotated) => {
    for (const purpose of ['event identity', 'erasure'] as const) {
      const former = readKey(before, purpose);
      expect(() => readKey(rotated, purpose)).toThrow(/^IDENTITY_KEY is missing beside [A-Z_]+_PREVIOUS: /);
      expect(readKey({ ...before, IDENTITY_KEY: 'old' }, purpose)).toEqual(former);
      expect(readKey({ ...rotated, IDENTITY_KEY: 'old' }, purpose)).toEqual(former);
    }
  });
});
