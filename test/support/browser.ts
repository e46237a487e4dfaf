import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findProgram } from './debian-program.js';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium; one is enough for a test file. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findProgram('chromium'), args: ARGUMENTS });
}

const AXE_RULES = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
/** What a theme changes. */
const AXE_COLOURS = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** What fades in or out has colours of its own for a moment. */
const runAxe = (runOnly: object) => `
  Promise.all(document.getAnimations()
    .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
    .map(({ finished }) => finished))
    .then(() => axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })}))`;

/** What axe finds against WCAG 2.2 AA and its own best practices, or of `colours` alone, in the page as it is shown now: a line for each element. */
export async function accessibilityProblems(page: Page, what: 'all' | 'colours' = 'all'): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(await readFile(path, 'utf8'));
  const { violations } = await page.evaluate<AxeResults>(runAxe(what === 'all' ? AXE_RULES : AXE_COLOURS));
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}
