// Makes docs/images/*.png of the dashboard's main pages in both themes: starts a standalone on an empty store, tells it some weeks of lessons
// out of the simulator, and looks at it with Debian's Chromium. Emojis need a font, such as fonts-noto-color-emoji.
// Usage: npm run screenshots
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStandalone } from '@bbb-activity/app-standalone/start';
import { lessonEvents, lessonMeetingId } from '@bbb-activity/simulator/lesson';
import { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { chromium } from 'playwright-core';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const SIZE = { width: 1280, height: 960 };
const PHONE = { width: 390, height: 844 };
/** Who is expected and never comes; the first by name. */
const ABSENTEE = { externalUserId: '199', name: 'Abel Berg' };
const ROOMS = ['Organic chemistry', 'Statistics II', 'Literature seminar', 'Tutors’ meeting', 'Spanish conversation'];

const dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-screenshots-'));
const log = createLogger({ app: 'screenshots', level: 'warn', to: 'stderr' });
const bbb = await SimulatedBbb.start({ secret: 'the-secret-of-the-server' });
const environment = {
  DATA_DIR: dataDir,
  PORT: '0',
  // Nothing is ever posted there: no meeting goes on at that server.
  PUBLIC_URL: 'https://activity.example.org',
  DASHBOARD_URL: 'http://127.0.0.1',
  WEBHOOKS_SCOPE: 'global',
  BBB_URL: bbb.url,
  BBB_SECRET: 'the-secret-of-the-server',
};
const standalone = await startStandalone(environment, log, (error) => {
  setImmediate(() => {
    throw error;
  });
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
try {
  const running = await tellLessons();
  await expectPeople('room-0', running);
  const login = await newPage({ viewport: SIZE, colorScheme: 'light' });
  await picture(login, 'login-light', 'login', 'form');
  for (const theme of ['light', 'dark']) {
    const page = await logIn({ viewport: SIZE, colorScheme: theme });
    await picture(page, `overview-${theme}`, '', '.running-card');
    await picture(page, `meeting-${theme}`, `meetings/${running}`, '.person');
    await picture(page, `timeline-${theme}`, `meetings/${running}?view=timeline`, '.timeline-chart');
    await picture(page, `attendance-${theme}`, 'rooms/1/room-0', '.room-table tbody a');
    if (theme === 'light') await lightPictures(page, running);
    await page.context().close();
  }
  const phone = await logIn({ viewport: PHONE, colorScheme: 'light' });
  await picture(phone, 'phone-light', `meetings/${running}?view=timeline`, '.timeline-chart', '.tabs');
} finally {
  await browser.close();
  await standalone.close();
  await bbb.close();
  await rm(dataDir, { recursive: true, force: true });
}

/** What is shown in one theme alone. */
async function lightPictures(page, running) {
  await picture(page, 'talk-light', `meetings/${running}?view=talk`, '.shares');
  await picture(page, 'hooks-light', 'hooks', '.table');
  await picture(page, 'system-light', 'system', '.table');
  await picture(page, 'queues-light', 'admin/queues', 'text=activity-0');
}

/** Puts the people of a meeting on the roster of its room, and one more who never comes. */
async function expectPeople(room, meeting) {
  const { items } = await read(`meetings/${meeting}/participants`);
  const people = [...items.slice(0, 12).map(({ externalUserId, name }) => ({ externalUserId, name })), ABSENTEE];
  const response = await fetch(`${standalone.address}/api/rosters/${room}?accessUrlId=1`, {
    method: 'PUT',
    headers: { ...asAdmin(), 'content-type': 'application/json' },
    body: JSON.stringify({ people }),
  });
  if (!response.ok) throw new Error(`the roster was answered ${response.status}`);
}

/** The lessons of two weeks, and one that goes on with two breakout rooms; gives its id. */
async function tellLessons() {
  const keys = { target: standalone.address, sharedSecret: standalone.environment.BBB_SECRET };
  const now = Date.now();
  const tell = (lesson) => tellEvents(keys, lessonEvents({ now, ...lesson }));
  for (let day = 1; day <= 14; day += 1) {
    for (const [index, title] of ROOMS.entries()) {
      if ((day + index) % 3 === 0) continue;
      const startsAt = now - day * DAY_MS - index * 75 * MINUTE_MS;
      const people = 8 + ((day * 7 + index * 5) % 17);
      await tell({
        seed: day * 10 + index,
        title,
        room: `room-${index}`,
        startsAt,
        minutes: 60,
        people,
        firstId: 100 * (index + 1),
      });
    }
  }
  const lesson = {
    seed: 900,
    title: ROOMS[0],
    room: 'room-0',
    startsAt: now - 47 * MINUTE_MS,
    minutes: 60,
    people: 24,
    firstId: 100,
  };
  await tell(lesson);
  for (const group of [1, 2]) {
    const startsAt = now - 25 * MINUTE_MS;
    const ofGroup = { title: `${ROOMS[0]}, group ${group}`, room: `room-0-${group}`, firstId: 100 + group * 8, people: 8 };
    await tell({ seed: 900 + group, startsAt, minutes: 15, parent: lessonMeetingId(lesson), ...ofGroup });
  }
  await tell({
    seed: 950,
    title: ROOMS[1],
    room: 'room-1',
    startsAt: now - 12 * MINUTE_MS,
    minutes: 60,
    people: 17,
    firstId: 200,
    tellsTalking: true,
  });
  for (;;) {
    const { items } = await read(`meetings?running=true&title=${encodeURIComponent(ROOMS[0])}`);
    if (items[0]?.participants === lesson.people && (await read('meetings?running=true')).items.length === 2) return items[0].id;
    await wait(200);
  }
}

async function read(path) {
  return (await fetch(`${standalone.address}/api/${path}`, { headers: asAdmin() })).json();
}

function asAdmin() {
  return { authorization: `Bearer ${standalone.environment.ADMIN_TOKEN}` };
}

async function newPage(options) {
  const context = await browser.newContext({
    baseURL: `${standalone.address}/`,
    locale: 'en-GB',
    timezoneId: 'Europe/Madrid',
    ...options,
  });
  return context.newPage();
}

async function logIn(options) {
  const page = await newPage(options);
  await page.goto('login');
  await page.fill('[name=username]', standalone.firstUser.name);
  await page.fill('[name=password]', standalone.firstUser.password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.table');
  return page;
}

/** Once what is waited for is there and the connection, where the page has one, is live. */
async function picture(page, name, place, selector, from = null) {
  await page.goto(place);
  await page.waitForSelector(selector);
  if ((await page.locator('.live').count()) > 0) await page.waitForSelector('.live-live');
  await page.evaluate('document.fonts.ready');
  if (from !== null) await page.locator(from).evaluate((element) => element.scrollIntoView());
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
}
