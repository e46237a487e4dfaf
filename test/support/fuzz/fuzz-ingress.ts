import { Agent, request as httpRequest } from 'node:http';
import { signedLegacyQuery } from '@bbb-activity/signatures/legacy-url';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { SeededRandom } from '@bbb-activity/simulator/seeded-random';
import { type AppProcess, startApp } from '../app-process.js';
import { KEYS } from '../ingress-server.js';
import { generatedBodies } from './generated-bodies.js';
import { mutateBody } from './mutate-body.js';
import { residentMiB } from './resident-memory.js';
import { type FuzzBody, validBodies } from './valid-bodies.js';

const AT_ONCE = 16;
const CONTENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/xml',
  'multipart/form-data; boundary=x',
  '',
];

export interface FuzzReport {
  readonly sent: number;
  /** How often each (endpoint, status, error) came. */
  readonly answers: ReadonlyMap<string, number>;
  /** Bodies, as latin1 cut at 300 characters, whose answer none may have. */
  readonly wrong: readonly string[];
  readonly slowestMs: number;
  readonly slowest: string;
  /** The greatest resident memory in each quarter of the run, in MiB; what it holds of bodies at once is bounded by their budget. */
  readonly memoryMiB: readonly number[];
}

/** Signed deliveries of all forms through a real ingress process: half of them generated, half mutated. The same bodies for the same seed. */
export async function fuzzIngress(
  seed: number,
  count: number,
  environment: Readonly<Record<string, string>>,
): Promise<FuzzReport> {
  const ingress = await startApp('ingress', { ...KEYS, IDENTITY_KEY: 'k', ...environment });
  try {
    const generated = generatedBodies(seed, Math.floor(count / 2));
    const valid = await validBodies();
    const random = new SeededRandom(seed);
    const bodies = Array.from({ length: count }, (_, index) =>
      index % 2 === 0 ? (generated[index / 2] ?? mutateBody(random, valid)) : mutateBody(random, valid),
    );
    return await sendAll(ingress, bodies, random);
  } finally {
    await ingress.stop();
  }
}

async function sendAll(ingress: AppProcess, bodies: readonly FuzzBody[], random: SeededRandom): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const answers = new Map<string, number>();
  const wrong: string[] = [];
  const memory = [0, 0, 0, 0];
  let slowest = { ms: 0, body: '' };
  let next = 0;
  const types = bodies.map(() => random.pick(CONTENT_TYPES));
  async function sendSome(): Promise<void> {
    while (next < bodies.length) {
      const index = next++;
      const body = bodies[index];
      if (body === undefined) return;
      const since = performance.now();
      const { status, error } = await send(ingress.address, body, types[index] ?? '', agent);
      const ms = performance.now() - since;
      if (ms > slowest.ms) slowest = { ms, body: shown(body) };
      const modern = body.form.startsWith('modern');
      const answer = `${modern ? 'modern' : 'legacy'} ${status}${error === '' ? '' : ` ${error}`}`;
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (!mayBe(modern, status)) wrong.push(`${answer}: ${shown(body)}`);
      const quarter = Math.floor((index * 4) / bodies.length);
      if (index % 50 === 0) memory[quarter] = Math.max(memory[quarter] ?? 0, residentMiB(ingress));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
  agent.destroy();
  if (ingress.child.exitCode !== null) wrong.push(`the process ended: ${ingress.stderr()}`);
  wrong.push(...ingress.lines.filter(({ msg }) => msg === 'delivery not taken').map((line) => JSON.stringify(line)));
  return { sent: bodies.length, answers, wrong, slowestMs: Math.round(slowest.ms), slowest: slowest.body, memoryMiB: memory };
}

/** A delivery that is rightly signed is taken whatever it holds; the platform's own sender is told what is wrong (docs/wire.md). */
function mayBe(modern: boolean, status: number): boolean {
  return status === 200 || (modern && status === 400);
}

function send(
  address: string,
  { form, bytes }: FuzzBody,
  contentType: string,
  agent: Agent,
): Promise<{ status: number; error: string }> {
  const now = Math.floor(Date.now() / 1_000);
  const modern = form.startsWith('modern');
  const query = signedLegacyQuery({ accessUrlId: 1, meetingId: 'hook', timestamp: now }, KEYS.WEBHOOK_SALT);
  const url = modern ? `${address}/api/videoconference/callback` : `${address}/plugin/Bbb/webhook.php?${query}`;
  const signed = modern
    ? { 'x-chamilo-timestamp': String(now), 'x-chamilo-signature': signModern(now, bytes, KEYS.KERNEL_SECRET) }
    : {};
  const headers = { ...signed, ...(contentType === '' ? {} : { 'content-type': contentType }), 'content-length': bytes.length };
  return new Promise((done, fail) => {
    const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', fail).on('end', () => done({ status: response.statusCode ?? 0, error: errorIn(text) }));
    });
    request.on('error', fail).end(bytes);
  });
}

function errorIn(text: string): string {
  const answer: unknown = JSON.parse(text);
  return typeof answer === 'object' && answer !== null && 'error' in answer ? String(answer.error) : '';
}

function shown({ form, bytes }: FuzzBody): string {
  return `${form}, ${bytes.length} bytes: ${JSON.stringify(bytes.subarray(0, 300).toString('latin1'))}`;
}
