import { eraseCommand } from '@bbb-activity/app-cli/erase-command';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../store/store-fixture.js';
import { PersonalDataFixture } from './personal-data.js';

describe('the command that erases', () => {
  let fixture: PersonalDataFixture;
  let told: string[];

  beforeEach(async () => {
    fixture = await PersonalDataFixture.create('redis');
    told = [];
  });
  afterEach(async () => {
    process.exitCode = undefined;
    await fixture.close();
  });

  const run = (...args: string[]) =>
    eraseCommand({
      environment: fixture.environment,
      log: createLogger({ app: 'cli', level: 'silent', to: 'stderr' }),
      print: (line) => void told.push(line),
      tell: () => undefined,
      readInput: async () => '',
      write: async () => undefined,
    })
      .exitOverride()
      .parseAsync(args, { from: 'user' });

  it.each([
    ['--user', '7'],
    ['--meeting', 'm1'],
  ])('with %s exits with 1 where a queued job cannot be decoded, and with nothing where all is read', async (...args) => {
    const one = event({ kind: 'joined', at: 1_000, via: 'w_1', user: '7' });
    await fixture.queue(one, one);
    const place = await fixture.spoilJob();
    await run(...args);
    expect(process.exitCode).toBe(1);
    expect(told).toContain('queued jobs: 1');
    expect(told.at(-1)).toContain(place);

    process.exitCode = undefined;
    await fixture.data.backend.queue('activity-0').remove(place.replace('activity-0/', ''));
    await fixture.queue({ ...one, identity: 'f'.repeat(64) });
    await run(...args);
    expect(process.exitCode).toBeUndefined();
  });

  it('takes one of a person and a meeting', async () => {
    await expect(run()).rejects.toMatchObject({ code: 'erase.what' });
    await expect(run('--user', '7', '--meeting', 'm1')).rejects.toMatchObject({ code: 'erase.what' });
  });
});
