import type { DashboardAppOptions } from '@bbb-activity/app-dashboard/app';
import type { Environment } from '@bbb-activity/config/variables';
import type { QueueBackend } from '@bbb-activity/queue/backend';
import type { DeadLetters } from '@bbb-activity/queue/dead-letters';
import { type LinkSubject, signedLinkQuery } from '@bbb-activity/signatures/meeting-link';
import { hashPassword } from '@bbb-activity/signatures/password';
import type { Store } from '@bbb-activity/store/client';
import { addUser, type UserRole } from '@bbb-activity/store/dashboard-users';
import { putRoster } from '@bbb-activity/store/rosters';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { ADMIN_TOKEN, type DashboardApp, openDashboard } from '../../support/dashboard-app.js';
import { createStore, type StoreFixture } from '../store/store-fixture.js';

export { ADMIN_TOKEN } from '../../support/dashboard-app.js';

export const SALT = 'the-salt-of-access-url-1';
const PASSWORD = 'a password of a test';

export interface PlaceOptions {
  readonly queue?: 'redis' | 'postgres';
  readonly environment?: Environment;
  readonly overrides?: Partial<DashboardAppOptions>;
}

/** Somebody's browser: it sends the session's cookie, and the CSRF token. */
export interface Browser {
  readonly csrfToken: string;
  readonly cookie: string;
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
}

/** A dashboard as production wires it, on a database and a queue of the test's own. */
export class DashboardPlace {
  readonly fixture: StoreFixture;
  readonly #dashboard: DashboardApp;

  private constructor(fixture: StoreFixture, dashboard: DashboardApp) {
    this.fixture = fixture;
    this.#dashboard = dashboard;
  }

  static async create({ queue = 'redis', environment = {}, overrides = {} }: PlaceOptions = {}): Promise<DashboardPlace> {
    const fixture = await createStore();
    const whole = { WEBHOOK_SALT: SALT, PARTITIONS: '2', ...environment };
    return new DashboardPlace(fixture, await openDashboard(fixture.store, whole, queue, overrides));
  }

  get app(): FastifyInstance {
    return this.#dashboard.app;
  }

  get store(): Store {
    return this.fixture.store;
  }

  get backend(): QueueBackend {
    return this.#dashboard.backend;
  }

  get deadLetters(): DeadLetters {
    return this.#dashboard.deadLetters;
  }

  /** With the ADMIN_TOKEN, unless other headers are given. */
  get(
    url: string,
    headers: Record<string, string> = { authorization: `Bearer ${ADMIN_TOKEN}` },
  ): Promise<LightMyRequestResponse> {
    return this.app.inject({ url, headers });
  }

  async addUser(name: string, role: UserRole, accessUrlId: number | null = null): Promise<void> {
    await addUser(this.store, { name, role, accessUrlId, passwordHash: await hashPassword(PASSWORD) });
  }

  logIn(name: string, password = PASSWORD, more: InjectOptions = {}): Promise<LightMyRequestResponse> {
    return this.app.inject({ method: 'POST', url: '/api/login', payload: { name, password }, ...more });
  }

  /** Adds a user and logs in. */
  async browserOf(name: string, role: UserRole, accessUrlId: number | null = null): Promise<Browser> {
    await this.addUser(name, role, accessUrlId);
    const answer = await this.logIn(name);
    if (answer.statusCode !== 204) throw new Error(`the login was answered ${answer.statusCode}: ${answer.body}`);
    return this.browser(cookieIn(answer));
  }

  /** A browser that has a cookie already. */
  async browser(cookie: string): Promise<Browser> {
    const session = await this.get('/api/session', { cookie });
    const csrfToken = session.statusCode === 200 ? String(session.json().csrfToken) : '';
    const own = { cookie, 'x-csrf-token': csrfToken };
    return { csrfToken, cookie, inject: (request) => this.app.inject({ ...request, headers: { ...own, ...request.headers } }) };
  }

  /** Somebody who came by a link. */
  async byLink(link: string): Promise<Browser> {
    const answer = await this.app.inject({ url: link });
    if (answer.headers['set-cookie'] === undefined) throw new Error(`the link leads to ${answer.headers.location}`);
    return this.browser(cookieIn(answer));
  }

  /** A roster of the room lesson-room. */
  async putRoster(): Promise<void> {
    await putRoster(this.store, 1, 'lesson-room', [{ externalUserId: 'secret-user-2', name: 'Adaline B.' }]);
  }

  async close(): Promise<void> {
    await this.#dashboard.close();
    await this.fixture.close();
  }
}

/** A link of access URL 1 to a meeting, good for a minute unless told otherwise. */
export function linkTo(meetingId: string, more: Partial<LinkSubject> & { readonly salt?: string } = {}): string {
  const { salt = SALT, ...subject } = more;
  const expires = Math.floor(Date.now() / 1_000) + 60;
  return `/link?${signedLinkQuery({ accessUrlId: 1, meetingId, expires, ...subject }, salt)}`;
}

/** The cookie that a browser sends back after this answer. */
export function cookieIn({ headers }: LightMyRequestResponse): string {
  const header = headers['set-cookie'];
  const [first = ''] = typeof header === 'string' ? [header] : (header ?? []);
  return first.split(';')[0] ?? '';
}
