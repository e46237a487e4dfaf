import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppProcess } from '../support/app-process.js';
import { bbbBody } from '../support/bbb-sender.js';
import { PrivacySystem } from '../support/privacy/privacy-system.js';
import { deliveries, flatEvent, grace, JSON_TYPE, MEETING, PERSON, run, told } from '../support/privacy/private-deliveries.js';
import { QUEUES } from '../support/queues.js';
import { share } from '../support/share.js';
import { find } from '../support/stored-text.js';

describe.each(share(QUEUES, ([, onRedis]) => !onRedis))('with the queue in %s', (_name, onRedis) => {
  let system: PrivacySystem;
  let ingress: AppProcess;
  let worker: AppProcess;

  beforeAll(async () => {
    system = await PrivacySystem.create(onRedis);
    [ingress, worker] = await Promise.all([system.start('ingress'), system.start('worker')]);
    await system.replayRecordings(ingress);
    for (const { body, headers } of deliveries()) await system.send(ingress, body, headers);
    const own = { provider: 'bbb', meeting_id: `modern-${run}`, participant_id: PERSON.id, action: 'join' };
    await system.sendModern(ingress, JSON.stringify(own));
    await system.applied();
  });
  afterAll(() => system.close());

  it('a person can be exported, then erased from the tables, the waiting jobs and the dead letters, and stays erased', async () => {
    const words = [PERSON.id, PERSON.name, PERSON.connection];
    // A dead letter of the worker: an event of a meeting whose journal was emptied.
    await system.query(`UPDATE conference_meeting SET sealed_at = now(), emptied_at = now() WHERE internal_meeting_id = $1`, [
      MEETING,
    ]);
    const late = bbbBody([told('user-left', grace, { reason: 'late' })]);
    expect(await system.send(ingress, late)).toBe(200);
    await system.applied();
    expect(await worker.stop()).toBe(0);
    expect(
      await system.send(
        ingress,
        bbbBody([
          told(
            'user-joined',
            { ...grace, 'internal-user-id': `${PERSON.connection}2` },
            {},
            { 'internal-meeting-id': `${MEETING}-2` },
          ),
        ]),
      ),
    ).toBe(200);
    expect(await system.send(ingress, JSON.stringify(flatEvent({ note: 'again' })), JSON_TYPE)).toBe(200);

    const exported = await system.cli('export', '--user', PERSON.id);
    expect(exported.stderr).toBe('');
    const document = JSON.parse(exported.stdout) as {
      meetings: { events?: object[] }[];
      queued: object[];
      deadLetters: object[];
    };
    expect(document).toMatchObject({ user: PERSON.id, accessUrlId: 1 });
    expect(document.meetings.length).toBeGreaterThanOrEqual(3);
    expect(document.meetings.flatMap(({ events }) => events ?? []).length).toBeGreaterThanOrEqual(5);
    expect(document.queued).toHaveLength(2);
    expect(document.deadLetters).toContainEqual(expect.objectContaining({ reason: 'sealed' }));
    expect(document.deadLetters).toContainEqual(expect.objectContaining({ source: 'ingress' }));

    const before = await system.query('SELECT count(*), sum(messages), sum(camera_ms) FROM conference_activity');
    const erased = await system.cli('erase', '--user', PERSON.id);
    expect(erased).toMatchObject({ code: 0, stderr: '' });
    expect(erased.stdout).toMatch(
      /^meetings: [3-9]\nconnections: [1-9]\d*\nevents of the journal: \d+\nqueued jobs: [1-2]\ndead letters: [1-9]/m,
    );
    expect(find(words, await system.stored())).toEqual([]);
    expect(await system.query('SELECT count(*), sum(messages), sum(camera_ms) FROM conference_activity')).toEqual(before);

    worker = await system.start('worker');
    await system.applied();
    expect(
      await system.send(
        ingress,
        bbbBody([
          told(
            'user-joined',
            { ...grace, 'internal-user-id': `${PERSON.connection}3` },
            {},
            { 'internal-meeting-id': `${MEETING}-3` },
          ),
        ]),
      ),
    ).toBe(200);
    const letters = await system.countLetters();
    expect(await system.send(ingress, bbbBody([told('user-left', grace, { reason: 'later still' })]))).toBe(200);
    // The same event as the dead letter, which the erasure has rewritten.
    expect(await system.send(ingress, late)).toBe(200);
    await system.applied();
    expect(await system.countLetters()).toBe(letters + 1);
    expect(find(words, [...(await system.stored()), ...system.logs()])).toEqual([]);
    const people = await system.query<{ person_key: string }>(
      `SELECT DISTINCT person_key FROM participant WHERE person_key LIKE 'erased-%'`,
    );
    expect(people).toHaveLength(1);

    expect(await system.cli('export', '--user', PERSON.id)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing is stored'),
    });
    expect(await system.cli('erase', '--user', `nobody-${run}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is stored'),
    });
  });

  it('a person of the recordings loses ids and name, and no number', async () => {
    const numbers = `SELECT p.meeting_id, a.ordinal, a.in_at, a.out_at, a.metrics, a.microphone_ms, a.camera_ms
      FROM participant p JOIN conference_activity a ON a.participant_id = p.id ORDER BY p.id, a.ordinal`;
    const [person] = await system.query<{ id: string; name: string; connections: string[] }>(`
      SELECT p.person_key AS id, p.name, array_agg(i.internal_user_id) AS connections
      FROM participant p JOIN conference_identity i ON i.meeting_id = p.meeting_id AND i.external_user_id = p.person_key
      WHERE p.person_key = '107' GROUP BY 1, 2`);
    const before = await system.query(numbers);
    expect(await system.cli('erase', '--user', person?.id ?? '')).toMatchObject({ code: 0 });
    expect(find([person?.name ?? '', ...(person?.connections ?? [])], await system.stored())).toEqual([]);
    expect(await system.query(`SELECT 1 FROM conference_event WHERE external_user_id = '107'`)).toEqual([]);
    expect(await system.query(numbers)).toEqual(before);
  });

  it('a worker that could not recognise the person does not start, and says why in one line', async () => {
    for (const IDENTITY_KEY of ['another key', '']) {
      const { WEBHOOK_SALT: _salt, BBB_SECRET: _bbb, KERNEL_SECRET: _kernel, ...rest } = system.environment;
      const running = system.spawnWorker({ ...rest, IDENTITY_KEY });
      expect(await new Promise((done) => running.child.once('close', done))).toBe(1);
      expect(running.stderr()).toMatch(/^bbb-activity worker: persons or meetings were erased[^\n]*IDENTITY_KEY[^\n]*\n$/);
    }
  });

  it('a meeting can be erased, and what comes late of it is dropped', async () => {
    const meeting = `${MEETING}-3`;
    expect(find([meeting], await system.stored())).not.toEqual([]);
    expect(await system.cli('erase', '--meeting', meeting)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^meetings: 1\nparticipants: 1,/),
    });
    expect(
      await system.send(
        ingress,
        bbbBody([told('user-left', { ...grace, name: 'late' }, {}, { 'internal-meeting-id': meeting })]),
      ),
    ).toBe(200);
    await system.applied();
    expect(find([meeting], await system.stored())).toEqual([]);
    expect(await system.cli('erase', '--meeting', `none-${run}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is stored'),
    });
  });
});
