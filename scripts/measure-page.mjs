// Measures the meeting page with 500 participants in Debian's Chromium: JavaScript sent, time until it can be used, rows in the document, and the
// longest task of the main thread and the longest time between two frames while it scrolls (docs/dashboard.md, "Size and speed").
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
  const scrolled = [];
  for (let left = TRIES; left > 0; left -= 1) scrolled.push(await page.evaluate(`(${scroll})()`));
  const most = (of) => Math.max(...scrolled.map(of));
  const report = {
    javascriptBytes: sizes.reduce((sum, size) => sum + size, 0),
    usableMs: usable.toSorted((a, b) => a - b),
    rowsInDocument: most(({ rows }) => rows),
    longestTaskMs: scrolled.map(({ longestTask }) => longestTask),
    longestFrameMs: scrolled.map(({ longestFrame }) => Math.round(longestFrame)),
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  await browser.close();
}

/** Runs in the page: from the top to the bottom in a second and a half. */
async function scroll() {
  const frame = document.querySelector('.people-frame');
  let longestTask = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  });
  observer.observe({ type: 'longtask' });
  let rows = 0;
  let longestFrame = 0;
  const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
  frame.scrollTop = 0;
  await nextFrame();
  let last = await nextFrame();
  const start = last;
  const way = frame.scrollHeight - frame.clientHeight;
  while (last - start < 1_500) {
    frame.scrollTop = ((last - start) / 1_500) * way;
    const now = await nextFrame();
    longestFrame = Math.max(longestFrame, now - last);
    rows = Math.max(rows, document.querySelectorAll('.people tbody tr').length);
    last = now;
  }
  observer.disconnect();
  return { rows, longestFrame, longestTask };
}
