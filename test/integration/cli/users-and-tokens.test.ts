import { tokensCommand } from '@bbb-activity/app-cli/tokens-command';
import { usersCommand } from '@bbb-activity/app-cli/users-command';
import { newOpaqueToken, opaqueTokenHash } from '@bbb-activity/signatures/opaque-token';
import { verifyPassword } from '@bbb-activity/signatures/password';
import { useApiToken } from '@bbb-activity/store/api-tokens';
import { addSession, findSession } from '@bbb-activity/store/dashboard-sessions';
import { findUser } from '@bbb-activity/store/dashboard-users';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseTexts } from '../../support/stored-text.js';
import { createStore, type StoreFixture } from '../store/store-fixture.js';
import { runCommand, runCommandWithInput } from './command.js';

let fixture: StoreFixture;
let environment: Record<string, string>;

beforeAll(async () => {
  fixture = await createStore();
  environment = { DATABASE_URL: fixture.database.url };
});
afterAll(() => fixture.close());

const users = (...args: string[]) => runCommand(usersCommand, environment, ...args);
const tokens = (...args: string[]) => runCommand(tokensCommand, environment, ...args);
const isPassword = async (name: string, password: string) =>
  verifyPassword(password, (await findUser(fixture.store, name))?.passwordHash ?? null);

/** Whether any row holds a text: of a secret there is to be a hash alone. */
async function isStored(text: string): Promise<boolean> {
  return (await databaseTexts(fixture.database.url)).some((stored) => stored.text.includes(text));
}

describe('users', () => {
  it('are added with a random password that is printed once and stored as a hash alone', async () => {
    const { code, stdout, stderr } = await users('add', 'Ada', '--role', 'admin');
    expect([code, stderr]).toEqual([0, 'the password, which is shown only now:\n']);
    expect(stdout).toMatch(/^[\w-]{20}\n$/);
    expect(await findUser(fixture.store, 'ada')).toMatchObject({ name: 'ada', role: 'admin', accessUrlId: null });
    expect(await isPassword('ADA', stdout.trim())).toBe(true);
    expect(await isPassword('ada', `${stdout.trim()}x`)).toBe(false);
    expect(await isStored(stdout.trim())).toBe(false);
  });

  it('are viewers unless told otherwise, of one access URL where it is told, and are listed by name', async () => {
    await users('add', 'bob', '--access-url', '2');
    expect((await users('list')).stdout).toMatch(/^ada: admin, since .*Z\nbob: viewer of access URL 2, since .*Z\n$/);
  });

  it('are not two of one name, nor admins of one access URL', async () => {
    expect(await users('add', ' BOB ')).toMatchObject({ code: 1, stderr: 'there is a user BOB already' });
    expect(await users('add', 'eve', '--role', 'admin', '--access-url', '2')).toMatchObject({
      code: 1,
      stderr: 'an admin reads all access URLs: leave --access-url out, or take --role viewer',
    });
    expect(await findUser(fixture.store, 'eve')).toBeNull();
  });

  it('get a password from standard input, unless it is short', async () => {
    const add = (input: string) => runCommandWithInput(input, usersCommand, environment, 'add', 'cleo', '--password-stdin');
    expect(await add('short\n')).toMatchObject({ code: 1, stderr: 'a password must have 12 to 1000 characters' });
    expect(await add('a long  password\r\n')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await isPassword('cleo', 'a long  password')).toBe(true);
  });

  it('are logged out everywhere by another password, and by being removed', async () => {
    const logIn = async () => {
      const hash = opaqueTokenHash(newOpaqueToken());
      const user = await findUser(fixture.store, 'cleo');
      await addSession(fixture.store, hash, { userId: user?.id ?? '' }, Date.now() + 60_000);
      return () => findSession(fixture.store, hash);
    };
    const byFirst = await logIn();
    expect(await byFirst()).toMatchObject({ name: 'cleo' });
    const { stdout } = await users('password', 'Cleo');
    expect(await isPassword('cleo', stdout.trim())).toBe(true);
    expect(await byFirst()).toBeNull();
    const bySecond = await logIn();
    expect((await users('remove', 'cleo')).code).toBe(0);
    expect(await bySecond()).toBeNull();
    expect(await users('remove', 'cleo')).toMatchObject({ code: 1, stderr: 'there is no user cleo' });
    expect(await users('password', 'cleo')).toMatchObject({ code: 1, stderr: 'there is no user cleo', stdout: '' });
  });
});

describe('tokens', () => {
  it('are printed once, stored as a hash alone, and open nothing once revoked', async () => {
    const { code, stdout, stderr } = await tokens('add', 'backup', '--access-url', '3');
    expect([code, stderr]).toEqual([0, 'the token, which is shown only now:\n']);
    const token = stdout.trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await isStored(token)).toBe(false);
    expect((await tokens('list')).stdout).toMatch(/^backup: viewer of access URL 3, since .*Z, never used\n$/);
    const hash = opaqueTokenHash(token);
    expect(await useApiToken(fixture.store, hash)).toEqual({ name: 'backup', role: 'viewer', accessUrlId: 3 });
    expect((await tokens('list')).stdout).toMatch(/, used on \d{4}-\d\d-\d\d\n$/);
    expect((await tokens('revoke', 'backup')).code).toBe(0);
    expect(await useApiToken(fixture.store, hash)).toBeNull();
    expect(await tokens('revoke', 'backup')).toMatchObject({ code: 1, stderr: 'there is no token backup' });
  });

  it('are not two of one name, nor of an admin of one access URL', async () => {
    expect((await tokens('add', 'sync', '--role', 'admin')).code).toBe(0);
    expect(await tokens('add', 'sync')).toMatchObject({ code: 1, stdout: '', stderr: 'there is a token sync already' });
    expect((await tokens('add', 'more', '--role', 'admin', '--access-url', '1')).code).toBe(1);
  });
});
