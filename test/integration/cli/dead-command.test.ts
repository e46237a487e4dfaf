import { deadCommand } from '@bbb-activity/app-cli/dead-command';
import type { ConferenceEvent } from '@bbb-activity/events/conference-event';
import { readJobs } from '@bbb-activity/queue/read-jobs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { runCommand } from './command.js';
import { PersonalDataFixture } from './personal-data.js';

const NAME = 'Ada Lovelace';
const WORDS = 'a private word that somebody said';

describe('the command for dead letters', () => {
  let fixture: PersonalDataFixture;

  beforeEach(async () => {
    fixture = await PersonalDataFixture.create('redis');
  });
  afterEach(() => fixture.close());

  const dead = (...args: string[]) => runCommand(deadCommand, fixture.environment, ...args);
  const idsOf = async () => {
    const { letters } = JSON.parse((await dead('list', '--json')).stdout) as { letters: { id: string }[] };
    return letters.map(({ id }) => id);
  };
  const aside = (reason: string, payload: unknown) =>
    fixture.letters.add({ reason, detail: 'a test', payload, source: 'activity-0' });
  const joined = (user: string): ConferenceEvent => {
    const made = event({ kind: 'joined', at: 1_000, via: `w_${user}`, user });
    return { ...made, person: { internalId: `w_${user}`, externalId: user, name: NAME } };
  };
  async function queued(): Promise<ConferenceEvent[]> {
    const found: unknown[] = [];
    await readJobs(fixture.data.backend, async (items) => void found.push(...items));
    return found as ConferenceEvent[];
  }

  it('lists them by their reasons and one by one, the newest first, and of one reason alone', async () => {
    await aside('not_applicable', joined('7'));
    await aside('sealed', joined('8'));
    await aside('sealed', joined('9'));
    const all = await dead('list');
    expect(all.code).toBe(0);
    expect(all.stdout.split('\n').slice(0, 3)).toEqual(['3 dead letters', '  2 sealed', '  1 not_applicable']);
    const { total, byReason, letters } = JSON.parse((await dead('list', '--reason', 'sealed', '--json')).stdout);
    expect({ total, byReason }).toEqual({ total: 3, byReason: { sealed: 2, not_applicable: 1 } });
    expect(letters.map((letter: { event: { userId: string } }) => letter.event.userId)).toEqual(['9', '8']);
    expect(JSON.parse((await dead('list', '--limit', '1', '--json')).stdout).letters).toHaveLength(1);
  });

  it('tells of an event, a sealed body and a job of nobody what they are, and nothing that is private or steers a terminal', async () => {
    await aside('not_applicable', joined('7'));
    await fixture.sealed(WORDS);
    await aside('undecodable_job', { said: WORDS, by: NAME });
    await aside('odd\u001b[2J', {});
    const outputs = [await dead('list'), await dead('list', '--json')];
    for (const id of await idsOf()) outputs.push(await dead('show', id), await dead('show', id, '--json'));
    const text = outputs.map(({ stdout, stderr }) => stdout + stderr).join('');
    for (const secret of [NAME, WORDS, '\u001b', 'sealed":"']) expect(text).not.toContain(secret);
    expect(text).toContain('"holds":"sealed"');
    expect(text).toContain('"holds":"other"');
    expect(text).toContain(joined('7').identity);
  });

  it('sends an event again once: it is in its partition, its letter is gone, and a second time there is nothing to send', async () => {
    const one = joined('7');
    await fixture.queue(joined('1'));
    await aside('not_applicable', one);
    const [id = ''] = await idsOf();
    expect(JSON.parse((await dead('redrive', id, '--dry-run', '--json')).stdout)).toEqual({
      letters: [{ id, outcome: 'would_redrive' }],
    });
    expect(await queued()).toHaveLength(1);
    expect(await dead('redrive', id)).toMatchObject({ code: 0, stdout: `${id}: sent again\n` });
    expect((await queued()).filter(({ identity }) => identity === one.identity)).toEqual([one]);
    expect(await fixture.letters.count()).toBe(0);
    expect(await dead('redrive', id)).toMatchObject({ code: 1, stdout: `${id}: there is no such dead letter\n` });
    expect(await queued()).toHaveLength(2);
  });

  it('sends all of a reason again in the order in which they were put aside, and tells of those that hold no event', async () => {
    await fixture.queue(joined('1'));
    for (const user of ['7', '8', '9']) await aside('not_applicable', joined(user));
    await aside('sealed', joined('5'));
    await aside('not_applicable', { no: 'event' });
    const { code, stdout } = await dead('redrive', '--reason', 'not_applicable', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).letters.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'redriven',
      'redriven',
      'redriven',
      'not_redrivable',
    ]);
    expect((await queued()).map(({ person }) => person?.externalId).toSorted()).toEqual(['1', '7', '8', '9']);
    expect(await fixture.letters.countByReason()).toEqual(
      new Map([
        ['sealed', 1],
        ['not_applicable', 1],
      ]),
    );
  });

  it('discards by ids only with --yes, by a reason without, and neither where nothing is named', async () => {
    await aside('not_applicable', joined('7'));
    await aside('sealed', joined('8'));
    await aside('sealed', joined('9'));
    const oldest = (await idsOf()).at(-1) ?? '';
    expect(await dead('discard', oldest)).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(await dead('discard', '--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
    expect(await dead('redrive')).toMatchObject({ code: 1, stderr: expect.stringContaining('--reason') });
    expect((await dead('discard', '--reason', 'sealed', '--dry-run')).code).toBe(0);
    expect(await fixture.letters.count()).toBe(3);
    expect((await dead('discard', '--reason', 'sealed')).code).toBe(0);
    expect(await idsOf()).toEqual([oldest]);
    expect(await dead('discard', oldest, '--yes')).toMatchObject({ code: 0, stdout: `${oldest}: discarded\n` });
    expect(await fixture.letters.count()).toBe(0);
  });
});
