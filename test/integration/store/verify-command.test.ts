import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PERSON, ToldStory } from './told-story.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let story: ToldStory;

beforeAll(async () => {
  story = await ToldStory.create();
});
afterAll(() => story.close());
beforeEach(() => story.tell());

/** Runs the command line as an operator does. */
async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: story.fixture.database.url };
    execFile(process.execPath, ['apps/cli/bin/bbb-activity.js', ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('on the command line', () => {
  it('verify finds a row that was changed by hand, rebuild mends it, and no name is printed', async () => {
    expect(await cli('verify')).toEqual({
      code: 0,
      stdout: '2 occurrences, 0 sealed and left out, 0 differences\n',
      stderr: '',
    });
    await story.sql(`UPDATE conference_activity SET messages = 7 WHERE participant_id = ${PERSON} AND ordinal = 0`);
    await story.sql(`UPDATE participant SET name = 'Somebody' WHERE id = ${PERSON}`);
    const found = await cli('verify');
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/session 0: messages is 7, the journal gives 1\n/);
    expect(found.stdout).toMatch(/participant, row \d+: name differs\n/);
    expect(found.stdout).toMatch(/2 differences\n$/);
    expect(found.stdout).not.toMatch(/Kim|Somebody/);

    const dry = await cli('rebuild', '--dry-run');
    expect(dry).toEqual(found);
    const id = await story.meetingId();
    const mended = await cli('rebuild', '--meeting', String(id));
    expect(mended).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 differences\n2 mended\n$/) });
    expect(await cli('verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/0 differences\n$/) });
  });

  it('a meeting that somebody deleted is told by the journal that is left of it, and rebuild cannot mend that', async () => {
    const id = String(await story.meetingId());
    const events = await story.fixture.store.prisma.conferenceEvent.count({ where: { meetingId: BigInt(id) } });
    await story.sql(`DELETE FROM conference_meeting WHERE id = ${id}`);
    const line = `meeting ${id}: its row is gone, and ${events} events of its journal are left: nothing can mend that`;
    const stdout = `${line}\n1 occurrences, 0 sealed and left out, 1 differences\n`;
    expect(await cli('verify')).toEqual({ code: 1, stdout, stderr: '' });
    expect(await cli('rebuild')).toEqual({ code: 1, stdout: `${stdout}0 mended\n`, stderr: '' });
  });
});
