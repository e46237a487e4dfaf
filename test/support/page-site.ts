import type { LessonOptions } from '@bbb-activity/simulator/lesson';
import { lessonEvents } from '@bbb-activity/simulator/lesson';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type AppProcess, startApp } from './app-process.js';
import { openBrowser } from './browser.js';
import { createDatabase, ownPrefix, redisUrl, type TestDatabase } from './services.js';
import { until } from './until.js';

const SECRETS = { BBB_SECRET: 'the-secret-of-the-server', ADMIN_TOKEN: 'a-token-of-an-administrator' };
const FIRST_PASSWORD = /admin.*?password (?:is )?([\w-]{20})/;

/** A site as a browser sees it: the product in one process, on a database of its own, and one Chromium. */
export class PageSite {
  readonly app: AppProcess;
  readonly keys: { readonly target: string; readonly sharedSecret: string };
  readonly password: string;
  readonly #browser: Browser;
  readonly #database: TestDatabase;

  private constructor(app: AppProcess, browser: Browser, database: TestDatabase, password: string) {
    this.app = app;
    this.keys = { target: app.address, sharedSecret: SECRETS.BBB_SECRET };
    this.password = password;
    this.#browser = browser;
    this.#database = database;
  }

  static async open(): Promise<PageSite> {
    const [browser, database] = await Promise.all([openBrowser(), createDatabase()]);
    const environment = { ...SECRETS, DATABASE_URL: database.url, REDIS_URL: redisUrl(), QUEUE_PREFIX: ownPrefix() };
    const app = await startApp('standalone', environment);
    const password = await until('the first password is told', () => FIRST_PASSWORD.exec(app.stderr())?.[1]);
    return new PageSite(app, browser, database, password);
  }

  /** A window of a reader who is not logged in. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      baseURL: `${this.app.address}/`,
      locale: 'en-GB',
      timezoneId: 'Europe/Madrid',
      viewport: { width: 1280, height: 900 },
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

  async logIn(page: Page, password = this.password): Promise<void> {
    await page.fill('[name=username]', 'admin');
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
    await this.#database.drop();
  }
}
