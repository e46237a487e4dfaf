import { readFile } from 'node:fs/promises';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { PageSite } from '../../support/page-site.js';
import { until } from '../../support/until.js';
import type { PagePlace } from './page-place.js';

const VIEWER = { name: 'viewer', password: 'a password of a viewer' };

/** An event that was put aside, of a meeting that nobody has heard of yet. */
const JOINED: ConferenceEvent = {
  identity: 'a'.repeat(64),
  accessUrlId: 1,
  kind: 'joined',
  name: 'user-joined',
  at: Date.UTC(2026, 0, 5, 8),
  meeting: { internalId: 'put-aside-run', externalId: 'put-aside' },
  person: { internalId: 'w_7', externalId: '7', name: 'Ada' },
  details: {},
};

/** @param place the fixture, once the tests run */
export function adminPageTests(place: () => PagePlace): void {
  let site: PageSite;
  let page: Page;
  let small: string;

  beforeAll(() => {
    ({ site, page, small } = place());
  });

  async function inFrench(look: () => Promise<void>): Promise<void> {
    const language = page.locator('.preferences select');
    await language.selectOption('fr');
    await look();
    await language.selectOption('en');
    await page.locator('html[lang=en]').waitFor();
  }

  it('shows attendance over the meetings of a room, its absentees by a roster, and of one person', async () => {
    await page.goto(`meetings/${small}`);
    await page.getByRole('link', { name: 'All meetings of this room' }).click();
    await page.waitForURL(/\/rooms\/1\/room-6$/);
    const rows = page.locator('.room-table tbody tr');
    const row = (name: string) => rows.filter({ hasText: name });
    await rows.nth(5).waitFor();
    expect(await rows.count()).toBe(6);
    // Of six people four came to both lessons, and two were absent from the first.
    expect(await rows.filter({ hasText: 'absent' }).count()).toBe(2);
    // The newest meeting is the first.
    const times = await page.locator('.room-table thead a').allInnerTexts();
    expect(times.map((time) => Date.parse(time.replace(',', ''))).toSorted((one, another) => another - one)).toEqual(
      times.map((time) => Date.parse(time.replace(',', ''))),
    );
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByLabel('Columns separated by').selectOption('comma');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('CSV for spreadsheets').click()]);
    const exported: Record<string, string>[] = parse(await readFile(await download.path()), { bom: true, columns: true });
    expect(new Set(exported.map((one) => one['room_id']))).toEqual(new Set(['room-6']));
    expect(exported).toHaveLength(10);
    await page.keyboard.press('Escape');
    await page.getByRole('slider').fill('0');
    await page.waitForURL(/attended=0/);
    await until('all that came count', async () => (await rows.filter({ hasText: '2 / 2' }).count()) === 4);

    await page.getByLabel('Or paste it here').fill('300,One\n,Nobody\n');
    await page.getByRole('button', { name: 'Save the roster' }).click();
    // The head that is put before it is line 1.
    await page.getByText('line 3: the user id is missing').waitFor();
    await inFrench(async () => page.getByText('ligne 3 : l’identifiant manque').waitFor());
    await page.getByLabel('Or paste it here').fill('user_id;name\n300;One\n999;Zuri Absent\n');
    await page.getByRole('button', { name: 'Save the roster' }).click();
    await page.getByText('Saved: 2 people are expected.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await row('Zuri Absent').waitFor();
    expect(await row('Zuri Absent').innerText()).toMatch(/expected[\s\S]*0 \/ 2[\s\S]*absent[\s\S]*absent/);
    await page.goto(`meetings/${small}`);
    await page.getByText('1 of 2 expected absent').waitFor();
    await page.goBack();

    // What no calendar has is passed over.
    await page.goto('rooms/1/room-6?from=garbage&to=20260-01-01&attended=abc');
    await row('Zuri Absent').waitFor();
    expect(await page.getByRole('slider').inputValue()).toBe('85');
    const who = await rows.first().getByRole('link').innerText();
    await rows.first().getByRole('link').click();
    await page.waitForURL(/\/people\/1\/\d+$/);
    await page.getByRole('heading', { name: /^Attendance of / }).waitFor();
    await page.getByRole('table').getByRole('link', { name: 'A small lesson' }).waitFor();
    await page
      .locator('.figure', { hasText: 'Attended' })
      .getByText(/\d \/ \d/)
      .waitFor();
    expect(await page.getByRole('navigation', { name: 'Way back' }).getByRole('link').innerText()).toContain('Overview');
    // A person has the same share on both pages.
    const shareHere = await page
      .getByRole('row', { name: /A small lesson/ })
      .locator('.share-number')
      .innerText();
    await page.getByRole('table').getByRole('link', { name: 'A small lesson' }).click();
    await page.locator('.people').getByText(who, { exact: true }).waitFor();
    const shareThere = page.locator('.people tbody tr', { hasText: who }).locator('.attendance-share');
    expect(await shareThere.innerText()).toBe(shareHere);
    await page.goBack();
    await page.goBack();
    await page.getByLabel('Or paste it here').fill(',Nobody');
    await page.getByRole('button', { name: 'Save the roster' }).click();
    await page.getByText('the user id is missing').waitFor();
    await page.getByRole('button', { name: 'Remove the roster' }).click();
    await page.getByText('Remove it for ever?').waitFor();
    await row('Zuri Absent').waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('The roster was removed.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await row('Zuri Absent').waitFor({ state: 'detached' });
  });

  it('shows the hooks as the worker has registered them, sees to them, and tells what became of them', async () => {
    await until(
      'a hook is registered',
      async () => (await site.get<{ items: unknown[] }>('hooks?accessUrlId=1')).items.length === 1,
    );
    await page.goto('hooks');
    await page.getByRole('heading', { name: 'All is as it should be' }).waitFor();
    await page.getByText('1 of 1 as they should be').waitFor();
    // The lessons were told by the same server's signature.
    await page.getByText(/Last event arrived: \d/).waitFor();
    const registered = page.getByRole('table', { name: 'Registered' }).locator('tbody tr');
    await registered.waitFor();
    expect(await registered.innerText()).toMatch(/all meetings ours\s+http:\/\/hooks\.example\.org\//);
    await page.getByRole('button', { name: 'See to all hooks now' }).click();
    await page.getByText('Done: 0 registered, 0 renewed, 0 removed.').waitFor();
    await page.locator('summary').click();
    const history = page.getByRole('table', { name: 'What became of the hooks' }).locator('tbody tr');
    await history.first().waitFor();
    expect(await history.first().innerText()).toContain('registered');
  });

  it('shows the queue, and dead letters, which are sent again or discarded, once it is sure', async () => {
    const letter = { detail: 'a test', source: 'activity-0' };
    await site.putAside(
      { ...letter, reason: 'not_applicable', payload: JOINED },
      { ...letter, reason: 'undecodable_job', payload: { nobody: 'knows' } },
    );
    await page.goto('system');
    await page.getByRole('heading', { name: 'Dead letters (2)' }).waitFor();
    expect(
      await page
        .getByRole('table', { name: /^Partitions/ })
        .locator('tbody tr')
        .count(),
    ).toBe(8);
    const letters = page.locator('.letter');
    const unreadable = letters.filter({ hasText: 'undecodable_job' });
    await inFrench(async () => unreadable.getByText('Un autre programme a écrit dans la file').waitFor());
    const event = letters.filter({ hasText: 'user-joined · put-aside · 7' });
    expect(await unreadable.getByRole('button', { name: 'Send again' }).count()).toBe(0);
    await unreadable.getByRole('button', { name: 'Discard' }).click();
    await unreadable.getByRole('button', { name: 'Cancel' }).click();
    await unreadable.getByRole('button', { name: 'Discard' }).click();
    await unreadable.getByText('Discard this for ever?').waitFor();
    await unreadable.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('It was discarded.').waitFor();
    await unreadable.waitFor({ state: 'detached' });
    await event.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('It was sent again.').waitFor();
    await page.getByText('There are none.').waitFor();
    // It is applied this time.
    const found = () => site.get<{ items: unknown[] }>('meetings?remoteId=put-aside');
    await until('its meeting is there', async () => (await found()).items.length === 1);
  });

  it('opens Bull Board for an administrator, who finds the queues there', async () => {
    await page.goto('');
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.waitForURL(/\/admin\/queues/);
    await page.getByText('dead').first().waitFor();
  });

  it('keeps Bull Board and what changes something from who only looks', async () => {
    await site.addViewer(VIEWER.name, VIEWER.password);
    const viewer = await place().other();
    await viewer.goto('admin/queues');
    await viewer.waitForURL(/\/login\?next=/);
    await site.logIn(viewer, VIEWER.password, VIEWER.name);
    // Where they wanted to go is not for them.
    await viewer.getByRole('heading', { name: 'No such page' }).waitFor();
    await viewer.goto('system');
    await viewer.getByRole('table', { name: /^Partitions/ }).waitFor();
    await viewer.getByText('There are none.').waitFor();
    expect(await viewer.getByRole('link', { name: /Queues/ }).count()).toBe(0);
    expect(await viewer.getByRole('alert').count()).toBe(0);
    await viewer.goto('hooks');
    await viewer.getByRole('heading', { name: 'All is as it should be' }).waitFor();
    expect(await viewer.getByRole('button', { name: 'See to all hooks now' }).count()).toBe(0);
    await viewer.goto('rooms/1/room-6');
    await viewer.getByText(/There is no roster|expected\./).waitFor();
    expect(await viewer.getByRole('button', { name: 'Save the roster' }).count()).toBe(0);
  });
}
