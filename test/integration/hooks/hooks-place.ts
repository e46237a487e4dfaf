import type { HookTenant } from '@bbb-activity/bbb/hook-tenant';
import { Hooks } from '@bbb-activity/bbb/hooks';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { type BbbServer, startBbbServer } from '../../support/bbb-server.js';
import { createStore, type StoreFixture } from '../store/store-fixture.js';

export const SECRET = 'the-shared-secret-of-the-server';
export const PUBLIC_URL = 'https://here.example.org';
export const MINUTE = 60_000;

/** A BBB server, a database, and a clock that is set by hand. */
export interface HooksPlace extends StoreFixture {
  readonly server: BbbServer;
  /** Unix ms; moved by the test. */
  now: number;
  tenant(more?: Partial<HookTenant>): HookTenant;
  /** As a process of its own would have them. */
  hooks(more?: Partial<HookTenant> | readonly HookTenant[], publicUrl?: string | null): Hooks;
  /** Empties tables and server. */
  clear(): Promise<void>;
}

export async function openHooksPlace(): Promise<HooksPlace> {
  const fixture = await createStore();
  const server = await startBbbServer(SECRET);
  const place: HooksPlace = {
    ...fixture,
    server,
    now: Date.now(),
    tenant: (more) => ({
      accessUrlId: 1,
      salts: [SECRET],
      urlAlgorithm: 'sha256',
      bbbUrl: server.url,
      bbbSecrets: [SECRET],
      bbbAlgorithm: 'sha1',
      scope: 'per_meeting',
      filter: [],
      enabled: true,
      ...more,
    }),
    hooks(more = {}, publicUrl = PUBLIC_URL) {
      const tenants = 'length' in more ? more : [place.tenant(more)];
      return new Hooks({
        tenants: new Map(tenants.map((tenant) => [tenant.accessUrlId, tenant])),
        publicUrl,
        ledger: new HookLedger(fixture.store),
        clock: () => place.now,
        limits: { timeoutMs: 2_000, maxAnswerBytes: 200_000 },
      });
    },
    async clear() {
      server.replace(null);
      server.running.clear();
      server.refuse.clear();
      server.refusedAlgorithms.clear();
      server.duplicates.clear();
      server.hooks.splice(0);
      server.forgetCalls();
      place.now = Date.now();
      await fixture.store.prisma.$executeRawUnsafe(
        'TRUNCATE webhook_hook, webhook_hook_history, webhook_server, conference_meeting, conference_event CASCADE',
      );
    },
    async close() {
      await server.close();
      await fixture.close();
    },
  };
  return place;
}
