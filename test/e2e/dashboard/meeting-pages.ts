import { readFile } from 'node:fs/promises';
import { signedLinkQuery } from '@bbb-activity/signatures/meeting-link';
import { lessonEvents } from '@bbb-activity/simulator/lesson';
import { readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import { recordedMeeting } from '@bbb-activity/simulator/told-meeting';
import type { RawEvent } from '@bbb-activity/simulator/webhook-delivery';
import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { ExpectedRecording } from '../../support/expected-recording.js';
import type { PageSite } from '../../support/page-site.js';
import { until } from '../../support/until.js';
import type { PagePlace } from './page-place.js';

const MINUTE_MS = 60_000;
/** The length of the recorded meeting. */
const MEETING_MS = 40_000;
const PLATFORM_PATH = 'plugin/Bbb/webhook_dashboard.php';

/** @param place the fixture, once the tests run */
export function meetingPageTests(place: () => PagePlace): void {
  let site: PageSite;
  let page: Page;
  let expected: ExpectedRecording;
  let lesson: string;

  beforeAll(() => {
    ({ site, page, expected, lesson } = place());
  });

  const other = (options?: Parameters<PageSite['newPage']>[0]) => place().other(options);

  /** The events of the recorded meeting as if it ended now. */
  async function happeningNow(): Promise<RawEvent[]> {
    const events = recordedMeeting(await readRecording(recordingPath('quiet')));
    const offset = Date.now() - Math.max(...events.map(({ data }) => data.event.ts));
    return events.map(({ data }) => ({ data: { ...data, event: { ts: data.event.ts + offset } } }));
  }

  /** In a window of its own, where a running meeting's live changes cannot be had. */
  async function standsStillWhenLost(meeting: string): Promise<void> {
    const reader = await other();
    await reader.clock.install();
    await reader.route('**/api/live**', (route) => route.abort());
    await reader.goto(`login?next=${meeting}`);
    await site.logIn(reader);
    await reader.locator('.live-connecting').waitFor();
    const numbers = async () => [
      await reader.locator('.figure').nth(1).locator('.figure-value').innerText(),
      await reader.locator('.page-sub').first().innerText(),
    ];
    const before = await numbers();
    await reader.clock.fastForward(3_000);
    expect((await numbers()).map((number, index) => number !== before[index])).toEqual([true, true]);
    await reader.clock.fastForward(3_000);
    await reader.getByText('Connection lost: numbers stand still').waitFor();
    const lost = await numbers();
    await reader.clock.fastForward(60_000);
    expect(await numbers()).toEqual(lost);
  }

  it('keeps out who is not logged in, tells a wrong password, and goes on to where they wanted', async () => {
    const reader = await other();
    let answer = () => undefined as unknown;
    const asked = new Promise<void>((done) => {
      answer = done;
    });
    await reader.route('**/api/session', async (route) => {
      await asked;
      await route.continue();
    });
    await reader.goto(`meetings/${lesson}?view=timeline`);
    // Until it is known who is there, the page is not blank.
    await reader.getByRole('status').getByText('Loading…').waitFor();
    answer();
    await reader.waitForURL(/\/login\?next=/);
    expect(await reader.locator('table').count()).toBe(0);
    await site.logIn(reader, 'not the password');
    await reader.getByText('The name or the password is wrong.').waitFor();
    await site.logIn(reader);
    await reader.waitForURL(new RegExp(`/meetings/${lesson}\\?view=timeline$`));
    await reader.locator('.timeline-chart').first().waitFor();
    await reader.getByRole('button', { name: 'Log out' }).click();
    await reader.waitForURL(/\/login$/);
    await reader.goto('');
    await reader.waitForURL(/\/login/);
  });

  it('shows a replayed meeting change without loading anything again, and stand still where the connection is lost', async () => {
    await page.goto('');
    await page.getByText('No meeting is running.').waitFor();
    await page.evaluate('window.sameDocument = true');
    const events = await happeningNow();
    const half = events.findIndex(({ data }) => data.event.ts >= Date.now() - MEETING_MS / 2);
    await tellEvents(site.keys, events.slice(0, half));
    await page.locator('.running-card').click();
    const people = Object.values(expected.expected);
    const sum = (of: (person: (typeof people)[number]) => number) => people.reduce((total, person) => total + of(person), 0);
    const figure = (name: string) => page.locator('.figure', { hasText: name }).locator('.figure-value').innerText();
    const shows = (messages: number) =>
      until(`${messages} messages are shown`, async () => (await figure('Messages')) === String(messages));
    const messagesIn = (some: readonly RawEvent[]) => some.filter(({ data }) => data.id === 'chat-group-message-sent').length;
    expect(messagesIn(events.slice(0, half))).toBeGreaterThan(0);
    await shows(messagesIn(events.slice(0, half)));
    await standsStillWhenLost(new URL(page.url()).pathname.slice(1));
    await tellEvents(site.keys, events.slice(half));
    await shows(sum((person) => person.messages));
    expect(sum((person) => person.messages)).toBeGreaterThan(messagesIn(events.slice(0, half)));
    await page.locator('.page-head').getByText('Ended').waitFor();
    expect(await figure('Reactions')).toBe(String(sum((person) => person.reactions)));
    expect(await figure('Hands')).toBe(String(sum((person) => person.hands)));
    expect(await figure('Participants')).toBe(String(people.length));
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  it('exports what the scripts of the recorded meeting tell, with the chosen separator and a row for each participant', async () => {
    const [{ id } = { id: '' }] = (await site.get<{ items: { id: string }[] }>(`meetings?title=${expected.meeting.extId}`)).items;
    await page.goto(`meetings/${id}`);
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByLabel('Columns separated by').selectOption('semicolon');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('CSV for spreadsheets').click()]);
    expect(download.suggestedFilename()).toBe(`meeting-${id}-participants.csv`);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.charCodeAt(0)).toBe(0xfeff);
    const rows: Record<string, string>[] = parse(text, { bom: true, columns: true, delimiter: ';' });
    expect(
      rows.map((row) => [row['user_id'], Number(row['messages']), Number(row['reactions']), Number(row['sessions'])]),
    ).toEqual(
      rows.map((row) => {
        const person = expected.expected[row['user_id'] ?? ''];
        return [row['user_id'], person?.messages, person?.reactions, person?.visits];
      }),
    );
    expect(rows).toHaveLength(Object.keys(expected.expected).length);
  });

  it('filters and sorts the meetings, and keeps both in the address', async () => {
    await page.goto('');
    const titles = page.locator('tbody .row-name a');
    await titles.nth(1).waitFor();
    await page.getByLabel('Title contains').fill('LONG less');
    await page.waitForURL(/title=LONG/);
    await until('one is left', async () => (await titles.count()) === 1);
    expect(await titles.innerText()).toBe('A long lesson');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('button', { name: 'Title', exact: true }).click();
    await page.waitForURL(/sort=title&order=asc/);
    await until('they are sorted', async () => (await titles.allInnerTexts())[0] === 'A long lesson');
    await page.getByRole('button', { name: 'Title', exact: true }).press('Enter');
    await until('the order is turned', async () => (await titles.allInnerTexts()).at(-1) === 'A long lesson');
    expect(await page.getByRole('columnheader', { name: 'Title' }).getAttribute('aria-sort')).toBe('descending');
    await page.goto('?running=yes');
    await page.getByText('No meeting fits these filters.').waitFor();
  });

  it('searches and sorts the people, counts those who reach the threshold, and has few rows of many in the document', async () => {
    await page.goto(`meetings/${lesson}?sort=messages`);
    const rows = page.locator('.people tbody tr:not(.gap)');
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThanOrEqual(60);
    const { items } = await site.get<{ items: { messages: number; onlineShare: number; name: string }[] }>(
      `meetings/${lesson}/participants`,
    );
    const most = Math.max(...items.map(({ messages }) => messages));
    expect(await rows.first().locator('td').nth(4).innerText()).toBe(String(most));
    const reaching = (share: number) => items.filter(({ onlineShare }) => onlineShare >= share).length;
    await page.getByText(`${reaching(0.85)} reach 85%`).waitFor();
    await page.getByRole('slider').press('ArrowLeft');
    await page.getByText(`${reaching(0.8)} reach 80%`).waitFor();
    await page.getByLabel('Search by name or id').fill('CHLOE');
    await until('only those are left', async () =>
      (await rows.locator('.person-name').allInnerTexts()).every((name) => name.startsWith('Chloé')),
    );
    await page.getByLabel('Search by name or id').fill('');
    await page.getByText(`${items.length} participants ·`).waitFor();
    // Paper has what was chosen here, and so has the way back.
    await page.getByRole('link', { name: 'Print' }).click();
    await page.getByText('✓ from 80% of the meeting').waitFor();
    await page.getByRole('link', { name: 'Back to the meeting' }).click();
    await page.getByText(`${reaching(0.8)} reach 80%`).waitFor();
    await page.locator('.people-frame').press('End');
    await page.locator(`[aria-rowindex="${items.length + 1}"]`).waitFor();
    expect(await rows.count()).toBeLessThanOrEqual(60);
  });

  it('draws the timeline of each person, and tells it as text', async () => {
    await page.goto(`meetings/${lesson}?view=timeline`);
    await page.locator('.timeline-chart .shape-presence[d^="M"]').first().waitFor();
    expect(await page.locator('.timeline li').count()).toBeLessThanOrEqual(60);
    const names = page.locator('.timeline-name');
    await page.getByLabel('Search by name or id').fill('CHLOE');
    await until('only those are left', async () => (await names.allInnerTexts()).every((name) => name.startsWith('Chloé')));
    await page.locator('.timeline-chart .shape-presence[d^="M"]').first().waitFor();
    await page.getByLabel('Search by name or id').fill('nobody of this name');
    await page.getByText('Nobody fits this search.').waitFor();
    await page.getByLabel('Search by name or id').fill('');
    await page.getByLabel('Sorted by').selectOption('talk');
    const { items } = await site.get<{ items: { name: string; talkSeconds: number }[] }>(`meetings/${lesson}/participants`);
    const most = items.toSorted((one, another) => another.talkSeconds - one.talkSeconds)[0]?.name;
    await until('who talked most is the first', async () => (await names.first().innerText()) === most);
    await page.locator('.timeline-chart .shape-presence[d^="M"]').first().waitFor();
    await page.getByRole('link', { name: 'Participants' }).click();
    await page.locator('.person').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('.timeline-text').waitFor();
    expect(await dialog.locator('.timeline-text').innerText()).toMatch(/Connected\s+\d\d:\d\d:\d\d – \d\d:\d\d:\d\d/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('tells the formula of the score, and changes it with the weights', async () => {
    await page.goto(`meetings/${lesson}`);
    await page.getByLabel('Activity score').check();
    await page.locator('.formula').waitFor();
    for (const part of ['talk', 'camera', 'messages', 'reactions', 'hands'])
      await page.getByLabel(part, { exact: true }).fill('0');
    const first = page.locator('.people tbody tr:not(.gap)').first();
    const name = await first.locator('.person-name').innerText();
    const { items } = await site.get<{ items: { name: string; onlineShare: number }[] }>(`meetings/${lesson}/participants`);
    const shares = items.filter((person) => person.name === name).map(({ onlineShare }) => Math.round(onlineShare * 100));
    await until('the score is the attendance alone', async () =>
      shares.includes(Number(await first.locator('td').nth(0).innerText())),
    );
  });

  it('opens one meeting, and nothing else, to who comes by a link', async () => {
    const teacher = await other({ locale: 'fr' });
    const query = signedLinkQuery(
      { accessUrlId: 1, meetingId: 'room-5', expires: Math.floor(Date.now() / 1_000) + 300 },
      site.keys.sharedSecret,
    );
    await teacher.goto(`link?${query}`);
    await teacher.waitForURL(new RegExp(`/meetings/${lesson}$`));
    await teacher.getByRole('heading', { name: 'A long lesson' }).waitFor();
    expect(await teacher.locator('html').getAttribute('lang')).toBe('fr');
    await teacher.goto('');
    await teacher.waitForURL(new RegExp(`/meetings/${lesson}$`));
    // Its breakout rooms are told, and lead nowhere; who may read all goes to them, and back.
    const { internalMeetingId: parent } = await site.get<{ internalMeetingId: string }>(`meetings/${lesson}`);
    const group = { seed: 21, title: 'Group one', room: 'room-21', startsAt: Date.now() - 9 * MINUTE_MS, minutes: 8, people: 3 };
    await tellEvents(site.keys, lessonEvents({ ...group, parent, firstId: 2_100 }));
    await until(
      'the group is there',
      async () => (await site.get<{ breakouts: unknown[] }>(`meetings/${lesson}`)).breakouts.length > 0,
    );
    await teacher.reload();
    await teacher.getByText('Group one').waitFor();
    expect(await teacher.getByRole('link', { name: /Group one/ }).count()).toBe(0);
    await page.goto(`meetings/${lesson}`);
    await page.getByRole('link', { name: /Group one/ }).click();
    await page.getByRole('heading', { name: 'Group one' }).waitFor();
    await page.getByRole('link', { name: 'A long lesson' }).click();
    await page.getByRole('heading', { name: 'A long lesson' }).waitFor();
    await teacher.goto(`link?${query}0`);
    await teacher.getByText('Le lien n’est pas valable.').waitFor();
  });

  it("is whole below the learning platform's path", async () => {
    const reader = await other();
    await reader.goto(`${PLATFORM_PATH}/meetings/${lesson}`);
    await reader.waitForURL(new RegExp(`/${PLATFORM_PATH}/login`));
    await site.logIn(reader);
    await reader.waitForURL(new RegExp(`/${PLATFORM_PATH}/meetings/${lesson}`));
    await reader.locator('.person').first().waitFor();
    await reader.getByRole('link', { name: 'bbb-activity' }).click();
    await reader.waitForURL(new RegExp(`/${PLATFORM_PATH}/$`));
  });

  it('shows a title and a name that are HTML as the texts that they are, and runs nothing of them', async () => {
    const html = '<img src="nowhere" onerror="window.taken = true"><script>window.taken = true</script>';
    const lessonOfHtml = { seed: 9, title: html, room: 'room-9', startsAt: Date.now() - 5 * MINUTE_MS, minutes: 4, people: 2 };
    const events = lessonEvents({ ...lessonOfHtml, firstId: 900 });
    const named = JSON.stringify(events).replaceAll(/("user":\{[^}]*"name":)"[^"]*"/g, `$1${JSON.stringify(html)}`);
    await tellEvents(site.keys, JSON.parse(named) as RawEvent[]);
    const id = await until('the meeting is there', async () => {
      const { items } = await site.get<{ items: { id: string; title: string; participants: number }[] }>('meetings');
      return items.find(({ title, participants }) => title === html && participants === 2)?.id;
    });
    for (const place of ['', `meetings/${id}`, `meetings/${id}?view=timeline`, `meetings/${id}?view=print`]) {
      await page.goto(place);
      await page.getByText(html).first().waitFor();
      if (place.endsWith('timeline') || place.endsWith(id))
        await until('both are shown', async () => (await page.getByText(html).count()) >= 3);
      expect(await page.locator('img[src="nowhere"]').count(), place).toBe(0);
      expect(await page.evaluate('window.taken'), place).toBeUndefined();
    }
  });
}
