import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standaloneSecrets } from '@bbb-activity/app-standalone/secrets';
import { bbbServers } from '@bbb-activity/app-worker/bbb-servers';
import { readScheduleSettings } from '@bbb-activity/app-worker/scheduled';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BbbServer, startBbbServer } from '../../support/bbb-server.js';

describe('the servers of the access URLs', () => {
  let server: BbbServer;
  let folder: string;
  beforeEach(async () => {
    server = await startBbbServer('shared');
    folder = await mkdtemp(join(tmpdir(), 'tenants-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  const serversOf = (environment: Readonly<Record<string, string>>) => bbbServers(readScheduleSettings(environment).tenants);

  it.each(['sha1', 'sha256', 'sha384', 'sha512'])(
    'are called with the checksums that BBB_CHECKSUM_ALGO=%s tells',
    async (algorithm) => {
      const serverOf = serversOf({ BBB_URL: server.url, BBB_SECRET: 'shared', BBB_CHECKSUM_ALGO: algorithm });
      expect(await serverOf(1)?.isMeetingRunning('m')).toBe(false);
      expect(server.calls).toMatchObject([{ algorithm }]);
      expect(serverOf(2)).toBeNull();
    },
  );

  it('are each their own by TENANTS_FILE, one client where several share a server, and none where none is told', async () => {
    const TENANTS_FILE = join(folder, 'tenants.json');
    const shared = { bbbUrl: server.url, bbbSecret: 'shared' };
    const tenants = { 1: shared, 2: { ...shared, algorithm: 'sha512' }, 3: shared, 4: { bbbSecret: 'another' } };
    await writeFile(TENANTS_FILE, JSON.stringify(tenants));
    const serverOf = serversOf({ TENANTS_FILE });
    expect(await serverOf(2)?.isMeetingRunning('m')).toBe(false);
    expect(server.calls).toMatchObject([{ algorithm: 'sha512' }]);
    expect(serverOf(3)).toBe(serverOf(1));
    expect(serverOf(2)).not.toBe(serverOf(1));
    expect([serverOf(4), serverOf(5)]).toEqual([null, null]);
  });

  it('get no made-up secrets in a standalone whose TENANTS_FILE tells them', async () => {
    const { environment } = await standaloneSecrets({ TENANTS_FILE: 'tenants.json' }, folder);
    expect(environment).toMatchObject({ TENANTS_FILE: 'tenants.json', IDENTITY_KEY: expect.any(String) });
    expect(environment).not.toHaveProperty('BBB_SECRET');
    expect(environment).not.toHaveProperty('KERNEL_SECRET');
    expect((await standaloneSecrets({}, folder)).environment).toHaveProperty('BBB_SECRET');
  });
});
