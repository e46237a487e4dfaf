// Measures a meeting's page in Debian's Chromium: JavaScript sent, time until it can be used, rows in the document, and the longest task of the main
// thread while it scrolls. Each time by the clock, and in processor time, which says something also where the machine does other work
// (docs/dashboard.md, "Speed").
// Usage: node scripts/measure-page.mjs ADDRESS USER PASSWORD MEETING
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [address, user, password, meeting] = process.argv.slice(2);
const TRIES = 5;
const assets = fileURLToPath(new URL('../apps/dashboard/dist/page/assets/', import.meta.url));
const scripts = (await readdir(assets)).filter((file) => file.endsWith('.js.gz'));
const sizes = await Promise.all(scripts.map(async (file) => (await stat(`${assets}${file}`)).size));

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
try {
  const context = await browser.newContext({ baseURL: `${address}/`, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto('login');
  await page.fill('[name=username]', user);
  await page.fill('[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.table');
  const usable = [];
  for (let left = TRIES; left > 0; left -= 1) {
    await page.goto(`meetings/${meeting}`, { waitUntil: 'commit' });
    await page.waitForSelector('.person');
    // By the page's own clock, from the beginning of the navigation until a person can be clicked.
    usable.push(Math.round(await page.evaluate('performance.now()')));
  }
  const loaded = await traced(page, async () => {
    await page.goto(`meetings/${meeting}`, { waitUntil: 'commit' });
    await page.waitForSelector('.person');
  });
  const scrolled = [];
  const scrolling = await traced(page, async () => {
    for (let left = TRIES; left > 0; left -= 1) scrolled.push(await page.evaluate(`(${scroll})()`));
  });
  const most = (of) => Math.max(...scrolled.map(of));
  const report = {
    javascriptBytes: sizes.reduce((sum, size) => sum + size, 0),
    usableMs: usable.toSorted((a, b) => a - b),
    usableProcessorMs: Math.round(loaded.sum),
    rowsInDocument: most(({ rows }) => rows),
    longestTaskMs: scrolled.map(({ longestTask }) => longestTask),
    longestTaskProcessorMs: Math.round(scrolling.longest * 10) / 10,
    longestFrameMs: scrolled.map(({ longestFrame }) => Math.round(longestFrame)),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  await browser.close();
}

/** The processor time of the page's main thread meanwhile, in ms: of all its tasks, and of the longest. */
async function traced(page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const times = traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && mains.some((main) => main.pid === pid && main.tid === tid))
    .map(({ tdur = 0 }) => tdur / 1_000);
  return { sum: times.reduce((sum, time) => sum + time, 0), longest: Math.max(0, ...times) };
}

/** Runs in the page: from the top to the bottom, in each frame as far as a fast fling of a finger goes in one of 60 a second. */
async function scroll() {
  const STEP_PX = 240;
  const frame = document.querySelector('.people-frame');
  const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
  let longestTask = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  });
  observer.observe({ type: 'longtask' });
  frame.scrollTop = 0;
  await nextFrame();
  let last = await nextFrame();
  let rows = 0;
  let longestFrame = 0;
  const way = frame.scrollHeight - frame.clientHeight;
  for (let top = 0; top < way; top += STEP_PX) {
    frame.scrollTop = top;
    const now = await nextFrame();
    longestFrame = Math.max(longestFrame, now - last);
    rows = Math.max(rows, document.querySelectorAll('.people tbody tr').length);
    last = now;
  }
  observer.disconnect();
  return { rows, longestFrame, longestTask };
}
