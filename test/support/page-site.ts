import { connectBackend } from '@bbb-activity/queue/backend';
import { type DeadLetter, DeadLetters } from '@bbb-activity/queue/dead-letters';
import { hashPassword } from '@bbb-activity/signatures/password';
import type { LessonOptions } from '@bbb-activity/simulator/lesson';
import { lessonEvents } from '@bbb-activity/simulator/lesson';
import { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import { openStore } from '@bbb-activity/store/client';
import { addUser } from '@bbb-activity/store/dashboard-users';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type AppProcess, startApp } from './app-process.js';
import { openBrowser } from './browser.js';
import { createMigratedDatabase, ownPrefix, redisUrl, type TestDatabase } from './services.js';
import { until } from './until.js';

const SECRETS = { BBB_SECRET: 'the-secret-of-the-server', ADMIN_TOKEN: 'a-token-of-an-administrator' };
const FIRST_PASSWORD = /admin.*?password (?:is )?([\w-]{20})/;

/** A site as a browser sees it: the product in one process, on a database of its own, beside it a BBB server, and one Chromium. */
export class PageSite {
  readonly app: AppProcess;
  readonly keys: { readonly target: string; readonly sharedSecret: string };
  readonly password: string;
  readonly #prefix: string;
  readonly #browser: Browser;
  readonly #bbb: SimulatedBbb;
  readonly #database: TestDatabase;

  private constructor(
    app: AppProcess,
    prefix: string,
    browser: Browser,
    bbb: SimulatedBbb,
    database: TestDatabase,
    password: string,
  ) {
    this.app = app;
    this.#prefix = prefix;
    this.#bbb = bbb;
    this.keys = { target: app.address, sharedSecret: SECRETS.BBB_SECRET };
    this.password = password;
    this.#browser = browser;
    this.#database = database;
  }

  static async open(): Promise<PageSite> {
    const [browser, database, bbb] = await Promise.all([
      openBrowser(),
      createMigratedDatabase(),
      SimulatedBbb.start({ secret: SECRETS.BBB_SECRET }),
    ]);
    const prefix = ownPrefix();
    const environment = {
      ...SECRETS,
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl(),
      QUEUE_PREFIX: prefix,
      BBB_URL: bbb.url,
      // Nothing is ever posted there: no meeting goes on at that server.
      PUBLIC_URL: 'http://hooks.example.org',
      WEBHOOKS_SCOPE: 'global',
    };
    const app = await startApp('standalone', environment);
    const password = await until('the first password is told', () => FIRST_PASSWORD.exec(app.stderr())?.[1]);
    return new PageSite(app, prefix, browser, bbb, database, password);
  }

  /** A window of a reader who is not logged in. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      baseURL: `${this.app.address}/`,
      locale: 'en-GB',
      timezoneId: 'Europe/Madrid',
      viewport: { width: 1280, height: 900 },
      // What moves without end is drawn without end, by the processor.
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(60_000);
    return context.newPage();
  }

  /** The same, logged in as the administrator. */
  async newAdminPage(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.newPage(options);
    await page.goto('login');
    await this.logIn(page);
    await page.waitForURL(`${this.app.address}/`);
    return page;
  }

  async logIn(page: Page, password = this.password, name = 'admin'): Promise<void> {
    await page.fill('[name=username]', name);
    await page.fill('[name=password]', password);
    await page.click('button[type=submit]');
  }

  /** `GET` of the API by an administrator's token. */
  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.app.address}/api/${path}`, {
      headers: { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` },
    });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
    return (await response.json()) as Answer;
  }

  /** Somebody who may look, and change nothing. */
  async addViewer(name: string, password: string): Promise<void> {
    const store = openStore({ databaseUrl: this.#database.url, maxConnections: 1 });
    await addUser(store, { name, role: 'viewer', accessUrlId: null, passwordHash: await hashPassword(password) });
    await store.close();
  }

  /** Puts dead letters aside as a worker does. */
  async putAside(...letters: readonly Omit<DeadLetter, 'at'>[]): Promise<void> {
    const backend = await connectBackend({ kind: 'redis', url: redisUrl(), prefix: this.#prefix });
    await (await DeadLetters.open(backend)).addAll(letters);
    await backend.close();
  }

  /** Tells a lesson, and waits until its meeting has all its people. */
  async tell(lesson: LessonOptions): Promise<string> {
    await tellEvents(this.keys, lessonEvents(lesson));
    return until(`${lesson.title} is there`, async () => {
      const query = new URLSearchParams({ title: lesson.title });
      const { items } = await this.get<{ items: { id: string; participants: number }[] }>(`meetings?${query}`);
      return items.find(({ participants }) => participants === lesson.people)?.id;
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.app.stop();
    await this.#bbb.close();
    await this.#database.drop();
  }
}
