import { lessonEvents } from '@bbb-activity/simulator/lesson';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import type { Page } from 'playwright-core';
import { type ExpectedRecording, readExpected } from '../../support/expected-recording.js';
import { PageSite } from '../../support/page-site.js';

const MINUTE_MS = 60_000;

/** What all tests of the pages share: one site, one browser, one window of an administrator, and two lessons that are over. */
export class PagePlace {
  readonly site: PageSite;
  /** The administrator's window. A test leaves it at any place. */
  readonly page: Page;
  readonly expected: ExpectedRecording;
  /** Id of a lesson of 90 people in room-5. */
  readonly lesson: string;
  /** Id of a lesson of 6 people in room-6: the first of two, of which the other has 4 of them. */
  readonly small: string;
  readonly #others: Page[] = [];

  private constructor(site: PageSite, page: Page, expected: ExpectedRecording, lesson: string, small: string) {
    this.site = site;
    this.page = page;
    this.expected = expected;
    this.lesson = lesson;
    this.small = small;
  }

  static async open(): Promise<PagePlace> {
    const [site, expected] = await Promise.all([PageSite.open(), readExpected('quiet')]);
    const startsAt = Date.now() - 50 * MINUTE_MS;
    const inRoom6 = { title: 'A small lesson', room: 'room-6', minutes: 40, firstId: 300 };
    const again = { ...inRoom6, title: 'A smaller lesson', seed: 7, startsAt: startsAt - 1_440 * MINUTE_MS, people: 4 };
    const [lesson, small, page] = await Promise.all([
      site.tell({ seed: 5, title: 'A long lesson', room: 'room-5', startsAt, minutes: 40, people: 90, firstId: 100 }),
      site.tell({ ...inRoom6, seed: 6, startsAt, people: 6 }),
      site.newAdminPage(),
      tellEvents(site.keys, lessonEvents(again)),
    ]);
    return new PagePlace(site, page, expected, lesson, small);
  }

  /** A window of its own, closed after the test. */
  async other(options?: Parameters<PageSite['newPage']>[0]): Promise<Page> {
    const opened = await this.site.newPage(options);
    this.#others.push(opened);
    return opened;
  }

  async closeOthers(): Promise<void> {
    for (const other of this.#others.splice(0)) await other.context().close();
  }

  close(): Promise<void> {
    return this.site.close();
  }
}
