// What the product is made of: known vulnerabilities of its packages, and the bill of materials (docs/security.md, "What it is made of").
// Usage: node scripts/check-supply.mjs [--require-audit]
// Exits 1 where a package of the installed product is known to be vulnerable or the bill is not whole, 2 where no audit could be made and one is required.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BILL = 'dist/sbom.cdx.json';
const AUDIT_TIMEOUT_MS = 60_000;
const SEVERITIES = ['critical', 'high', 'moderate', 'low', 'info'];

const npm = (args, timeout = 0) =>
  new Promise((done) => {
    execFile('npm', args, { cwd: ROOT, maxBuffer: 1 << 28, timeout }, (error, stdout, stderr) => done({ error, stdout, stderr }));
  });

/** By severity, or why there is no audit. */
async function audit(...omitted) {
  const { error, stdout, stderr } = await npm(['audit', '--json', '--fetch-retries=0', ...omitted], AUDIT_TIMEOUT_MS);
  if (error?.killed) return { reason: `no answer within ${AUDIT_TIMEOUT_MS / 1_000} s` };
  let told;
  try {
    told = JSON.parse(stdout);
  } catch {
    return { reason: stderr.trim().split('\n')[0] ?? 'npm told nothing' };
  }
  const { vulnerabilities, metadata } = told;
  if (metadata === undefined) return { reason: told.message ?? told.error?.summary ?? 'the registry offers no audit' };
  return { counts: metadata.vulnerabilities, packages: metadata.dependencies.total, vulnerabilities };
}

function tell(what, { reason, counts, packages, vulnerabilities }) {
  if (reason !== undefined) return process.stdout.write(`audit: not done: ${reason}\n`);
  const found = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => `${counts[severity]} ${severity}`);
  process.stdout.write(`audit of ${what}, ${packages} packages: ${found.join(', ') || 'nothing known'}\n`);
  for (const { name, severity, range } of Object.values(vulnerabilities))
    process.stdout.write(`  ${name} ${range}: ${severity}\n`);
}

/** By `name@version`, of all that package-lock.json installs. */
async function lockedHashes() {
  const { packages } = JSON.parse(await readFile(`${ROOT}/package-lock.json`, 'utf8'));
  return new Map(
    Object.entries(packages)
      .filter(([, { integrity }]) => integrity !== undefined)
      .map(([path, { name, version, integrity }]) => [
        `${name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
        Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex'),
      ]),
  );
}

/** What the workspaces need, by their references in a bill of all; theirs among them. `--omit=dev` would leave out what the root names for its tests too. */
function neededIn({ components, dependencies }) {
  const needs = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const needed = new Set();
  const add = (ref) => {
    if (needed.has(ref)) return;
    needed.add(ref);
    for (const next of needs.get(ref) ?? []) add(next);
  };
  for (const component of components) if (component['bom-ref'].startsWith('@bbb-activity/')) add(component['bom-ref']);
  return needed;
}

/** Writes the bill, and gives what is wrong with it. */
async function writeBill() {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const { error, stdout, stderr } = await npm(args);
  if (error !== null) return [`npm sbom failed: ${stderr.trim()}`];
  const whole = JSON.parse(stdout);
  // npm takes the folder's name.
  whole.metadata.component.name = whole.metadata.component['bom-ref'].split('@')[0];
  const needed = neededIn(whole);
  const components = whole.components.filter((component) => needed.has(component['bom-ref']));
  const bill = { ...whole, components, dependencies: whole.dependencies.filter(({ ref }) => needed.has(ref)) };
  await mkdir(`${ROOT}/dist`, { recursive: true });
  await writeFile(`${ROOT}/${BILL}`, `${JSON.stringify(bill, null, 2)}\n`);

  const locked = await lockedHashes();
  const others = components.filter((component) => !component['bom-ref'].startsWith('@bbb-activity/'));
  const wrong = others.flatMap(({ 'bom-ref': ref, hashes = [] }) => {
    if (!locked.has(ref)) return [`${ref} has no hash in package-lock.json`];
    return hashes.some(({ content }) => content === locked.get(ref)) ? [] : [`${ref} has another hash in the bill`];
  });
  if (others.length === 0) wrong.push('the bill names no package');
  process.stdout.write(
    `bill of materials: ${BILL}, CycloneDX ${bill.specVersion}: ${components.length - others.length} packages of ours, ${others.length} of others by their hashes\n`,
  );
  return wrong;
}

const product = await audit('--omit=dev');
tell('the product', product);
if (product.reason === undefined) tell('all, with what only builds and tests', await audit());
const wrong = await writeBill();
for (const line of wrong) process.stdout.write(`  ${line}\n`);

const known = product.counts?.total ?? 0;
if (known > 0 || wrong.length > 0) process.exitCode = 1;
else if (product.reason !== undefined && process.argv.includes('--require-audit')) process.exitCode = 2;
