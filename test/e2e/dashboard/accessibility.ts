import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { accessibilityProblems } from '../../support/browser.js';
import type { PagePlace } from './page-place.js';

/**
 * Each page is shown once, read whole in light, and again for its colours in dark: the themes differ in nothing else. The small lesson is enough: a table of
 * ninety people has only more of the same.
 *
 * @param place the fixture, once the tests run
 */
export function accessibilityTests(place: () => PagePlace): void {
  let page: Page;
  let small: string;

  beforeAll(async () => {
    ({ page, small } = place());
    await page.goto('');
  });

  /** As a link of the page does: it is not loaded again, and axe stays in it. */
  async function goTo(to: string): Promise<void> {
    await page.evaluate(
      `history.pushState(null, '', new URL(${JSON.stringify(to)}, document.baseURI)); dispatchEvent(new PopStateEvent('popstate'))`,
    );
  }

  async function problemsOf(shown: Page, name: string): Promise<string[]> {
    const problems: string[] = [];
    for (const [colorScheme, what] of [
      ['light', 'all'],
      ['dark', 'colours'],
    ] as const) {
      await shown.emulateMedia({ colorScheme });
      for (const problem of await accessibilityProblems(shown, what)) problems.push(`${name}, ${colorScheme}: ${problem}`);
    }
    return problems;
  }

  it.each([
    ['the overview', () => '', '.table'],
    ['a meeting with scores', () => `meetings/${small}?score=yes`, '.formula'],
    ['its timeline', () => `meetings/${small}?view=timeline`, '.timeline-chart'],
    ['its talk time', () => `meetings/${small}?view=talk`, '.shares'],
    ['the view for paper', () => `meetings/${small}?view=print`, '.print .table'],
    ['the attendance of a room', () => 'rooms/1/room-6', '.room-table tbody a'],
    ['the attendance of a person', () => 'people/1/300', '.table tbody a'],
    ['the hooks', () => 'hooks', '.table'],
    ['the system', () => 'system', '.table'],
    ['what is not there', () => 'no/such/page', '.state'],
  ])('axe finds nothing in %s', async (name, at, ready) => {
    await goTo(at());
    await page.locator(ready).first().waitFor();
    expect(await problemsOf(page, name)).toEqual([]);
  });

  it('axe finds nothing in the details of a person, nor on a phone', async () => {
    await goTo(`meetings/${small}`);
    await page.locator('.person').first().click();
    await page.locator('.timeline-text').waitFor();
    const problems = await problemsOf(page, 'a person');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.card').first().waitFor();
    problems.push(...(await problemsOf(page, 'on a phone')));
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(problems).toEqual([]);
  });

  it('nothing is wider than a phone, and the table of people with scores no wider than a screen, in no language', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const wider: string[] = [];
    for (const language of ['fr', 'es', 'en']) {
      await page.locator('.preferences select').selectOption(language);
      await page.locator(`html[lang=${language}]`).waitFor();
      for (const [to, ready] of [
        ['', '.table'],
        [`meetings/${small}?score=yes`, '.card'],
        [`meetings/${small}?view=timeline`, '.timeline-chart'],
        [`meetings/${small}?view=talk`, '.shares'],
        [`meetings/${small}?view=print`, '.print .table'],
        ['rooms/1/room-6', '.room-table tbody a'],
        ['people/1/300', '.table tbody a'],
        ['hooks', '.table'],
        ['system', '.table'],
      ] as const) {
        await goTo(to);
        await page.locator(ready).first().waitFor();
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (width > 390) wider.push(`${to} in ${language}: ${width} px`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator('.preferences select').selectOption('es');
    await goTo(`meetings/${small}?score=yes`);
    await page.locator('.people-frame').waitFor();
    const clipped = await page.evaluate<string[]>(`[...document.querySelectorAll('.people th .head')]
      .filter((head) => head.getBoundingClientRect().right > head.closest('th').getBoundingClientRect().right)
      .map(({ textContent }) => textContent)`);
    const frame = "document.querySelector('.people-frame')";
    const hidden = await page.evaluate<number>(`${frame}.scrollWidth - ${frame}.clientWidth`);
    await page.locator('.preferences select').selectOption('en');
    expect({ clipped, hidden }).toEqual({ clipped: [], hidden: 0 });
    expect(wider).toEqual([]);
  });

  it('a page that cannot be drawn says so, and the others still open', async () => {
    await page.route('**/api/meetings/*/participants', (route) => route.fulfill({ json: { items: null } }));
    await page.goto(`meetings/${small}`);
    await page.getByRole('heading', { name: 'This page could not be shown.' }).waitFor();
    expect(await problemsOf(page, 'not drawn')).toEqual([]);
    await page.unroute('**/api/meetings/*/participants');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.locator('.table').waitFor();
  });

  it('axe finds nothing in the login', async () => {
    const reader = await place().other();
    await reader.goto('login');
    await reader.locator('form').waitFor();
    expect(await problemsOf(reader, 'login')).toEqual([]);
  });
}
