import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { HookTenant } from '@bbb-activity/bbb/hook-tenant';
import { Hooks } from '@bbb-activity/bbb/hooks';
import { ManualClock } from '@bbb-activity/simulator/bbb-clock';
import { SimulatedBbb, type SimulatedBbbOptions } from '@bbb-activity/simulator/simulated-bbb';
import { applyBatch } from '@bbb-activity/store/apply-batch';
import { HookLedger } from '@bbb-activity/store/hook-ledger';
import { vi } from 'vitest';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';
import { createStore, event, type StoreFixture } from '../store/store-fixture.js';

const MINUTE = 60_000;

/** A BBB server, ingress behind a proxy that can be down, and the hooks between them, all by one clock that is moved by hand. */
export interface HookWorld extends StoreFixture {
  readonly bbb: SimulatedBbb;
  readonly clock: ManualClock;
  readonly ingress: IngressServer;
  readonly hooks: Hooks;
  /** Whether nothing can reach ingress. */
  down: boolean;
  /** How many posts ingress has answered 200. */
  readonly accepted: number;
  /** How ingress answered, by status. */
  readonly answers: ReadonlyMap<number, number>;
  tenant(more?: Partial<HookTenant>): Hooks;
  /** Minutes go by, everything happens at its time, and at the end of each the watch looks, unless nobody does. */
  pass(minutes: number, options?: { readonly watched?: boolean; readonly room?: string }): Promise<void>;
}

export async function openHookWorld(simulated: Partial<SimulatedBbbOptions>, more: Partial<HookTenant>): Promise<HookWorld> {
  const clock = new ManualClock(Date.now());
  // The 15 minutes of a URL go by the clock of the machine. Timers stay real.
  vi.useFakeTimers({ toFake: ['Date'], now: clock.now() });
  const fixture = await createStore();
  const answers = new Map<number, number>();
  const state = { down: false, accepted: 0, heardAt: null as number | null, target: '' };
  const front = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (state.down) {
      request.socket.destroy();
      return;
    }
    const { host, 'content-type': type, authorization } = request.headers;
    const headers = {
      ...(type && { 'content-type': type }),
      ...(authorization && { authorization }),
      'x-forwarded-host': host ?? '',
    };
    const answer = await fetch(`${state.target}${request.url}`, { method: 'POST', headers, body: Buffer.concat(chunks) });
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
    if (answer.status === 200) {
      state.accepted += 1;
      state.heardAt = clock.now();
    }
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((listening) => front.listen(0, '127.0.0.1', listening));
  const publicUrl = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const ingress = await startIngress({ PUBLIC_URL: publicUrl });
  state.target = ingress.address;
  const bbb = await SimulatedBbb.start({ secret: KEYS.BBB_SECRET, clock, ...simulated });

  const tenant = (other: Partial<HookTenant> = {}) =>
    new Hooks({
      tenants: new Map([
        [
          1,
          {
            accessUrlId: 1,
            salts: [KEYS.WEBHOOK_SALT],
            urlAlgorithm: 'sha256' as const,
            bbbUrl: bbb.url,
            bbbSecrets: [KEYS.BBB_SECRET],
            bbbAlgorithm: 'sha1' as const,
            scope: 'per_meeting' as const,
            filter: [],
            enabled: true,
            ...more,
            ...other,
          },
        ],
      ]),
      publicUrl,
      ledger: new HookLedger(fixture.store),
      clock: () => clock.now(),
    });
  const hooks = tenant();

  /** What the worker would have written of what ingress took. */
  async function journal(room: string) {
    if (state.heardAt === null) return;
    const receivedAt = new Date(state.heardAt);
    const { count } = await fixture.store.prisma.conferenceEvent.updateMany({ data: { receivedAt } });
    if (count > 0) return;
    await applyBatch(fixture.store, [event({ kind: 'joined', at: 1, meeting: null, room, user: '42' })], { policy: 'register' });
    await fixture.store.prisma.conferenceEvent.updateMany({ data: { receivedAt } });
  }

  async function minute() {
    for (let left = MINUTE; left > 0; ) {
      const step = Math.min(left, clock.nextIn ?? left);
      clock.advance(step);
      vi.setSystemTime(clock.now());
      // Some thousand times: `until` would wait 10 ms each.
      while (bbb.posting() > 0) await delay(1);
      left -= step;
    }
  }

  return {
    ...fixture,
    bbb,
    clock,
    ingress,
    hooks,
    get down() {
      return state.down;
    },
    set down(down) {
      state.down = down;
    },
    get accepted() {
      return state.accepted;
    },
    answers,
    tenant,
    async pass(minutes, { watched = true, room } = {}) {
      for (let passed = 0; passed < minutes; passed += 1) {
        await minute();
        if (room !== undefined) await journal(room);
        if (watched) await hooks.look(1);
      }
    },
    async close() {
      await bbb.close();
      front.closeAllConnections();
      await new Promise((closed) => front.close(closed));
      await ingress.close();
      await fixture.close();
      vi.useRealTimers();
    },
  };
}
