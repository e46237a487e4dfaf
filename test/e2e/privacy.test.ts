import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readQueueSettings } from '@bbb-activity/config/queue-settings';
import { connectBackend } from '@bbb-activity/queue/backend';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { signModern } from '@bbb-activity/signatures/modern-header';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { replayRecording } from '@bbb-activity/simulator/replay';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppProcess, spawnApp, startApp } from '../support/app-process.js';
import { bbbBody, callbackUrl, LEGACY_PATH, nowSeconds, post, withChecksum } from '../support/bbb-sender.js';
import { KEYS } from '../support/ingress-server.js';
import { recordedPrivateWords } from '../support/recorded-words.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { createMigratedDatabase, ownPrefix, type TestDatabase } from '../support/services.js';
import { databaseTexts, find, redisTexts, type StoredText } from '../support/stored-text.js';
import { until } from '../support/until.js';

const PARTITIONS = 2;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = `${randomBytes(5).toString('hex')}x`;
/** What may be found nowhere: of no event, in no form, however broken. */
const SECRET = {
  chat: `chat-${run}`,
  notes: `notes-${run}`,
  caption: `caption-${run}`,
  answer: `answer-${run}`,
  moderator: `mod-${run}`,
  viewer: `view-${run}`,
  token: `token-${run}`,
  address: `2001:db8:${run.slice(0, 4)}:${run.slice(4, 8)}::7`,
  agent: `Agent-${run}/5.0`,
  referer: `https://referer-${run}.example.com/`,
  metadata: `meta-${run}`,
  dial: `dial-${run}`,
};
const PERSON = { id: `person-${run}`, name: `Grace ${run}`, connection: `w_${run}` };
const MEETING = `meeting-${run}`;

const told = (id: string, user: object, more: object = {}, meeting: object = {}) => ({
  data: {
    type: 'event',
    id,
    attributes: {
      meeting: { 'internal-meeting-id': MEETING, 'external-meeting-id': `room-${run}`, ...meeting },
      user: {
        'ip-address': SECRET.address,
        'user-agent': SECRET.agent,
        'session-token': SECRET.token,
        referer: SECRET.referer,
        ...user,
      },
      ...more,
    },
    event: { ts: Date.now() },
  },
});
const grace = { 'internal-user-id': PERSON.connection, 'external-user-id': PERSON.id, name: PERSON.name };

/** An event of each sort that carries something private, as a BBB server writes them. */
const bbbEvents = () => [
  told(
    'meeting-created',
    {},
    {},
    {
      name: 'Room',
      'moderator-pass': SECRET.moderator,
      'viewer-pass': SECRET.viewer,
      'dial-number': SECRET.dial,
      metadata: { 'bbb-context': SECRET.metadata },
    },
  ),
  told('user-joined', { ...grace, userdata: { told: SECRET.metadata } }),
  told('user-cam-broadcast-start', { ...grace, stream: `${PERSON.connection}_camera` }),
  told(
    'chat-group-message-sent',
    {},
    {
      'chat-message': { id: '1', message: SECRET.chat, sender: { ...grace, time: Date.now() } },
    },
  ),
  told('pad-content', {}, { pad: { id: 'notes', body: SECRET.notes } }),
  told('transcript-updated', {}, { transcript: SECRET.caption }),
  told('poll-responded', grace, { poll: { answers: [SECRET.answer] } }),
  told('something-unheard-of', grace, { text: SECRET.chat }),
];

const flatEvent = (more: object = {}) => ({
  event: 'chat-message-posted',
  meetingID: `flat-${run}`,
  userID: PERSON.id,
  username: PERSON.name,
  message: SECRET.chat,
  password: SECRET.moderator,
  token: SECRET.token,
  ip: SECRET.address,
  timestamp: Date.now(),
  ...more,
});
const xml = (fields: object) =>
  `<event>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</event>`;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Whole deliveries: in every form, and broken in every way. */
function deliveries(): { body: string | Buffer; headers?: Record<string, string> }[] {
  const one = flatEvent();
  const nested = {
    header: { name: 'user-joined', timestamp: Date.now() },
    payload: {
      meeting: { externalMeetingID: `flat-${run}`, moderatorPW: SECRET.moderator },
      user: { externalUserID: PERSON.id, name: PERSON.name, ip: SECRET.address, userAgent: SECRET.agent },
      text: SECRET.notes,
    },
  };
  const form = new URLSearchParams(Object.entries(one).map(([name, value]): [string, string] => [name, String(value)]));
  const everything = Object.values(SECRET).join(' ');
  return [
    { body: bbbBody(bbbEvents()) },
    { body: JSON.stringify({ events: bbbEvents() }), headers: JSON_TYPE },
    { body: JSON.stringify(bbbEvents()), headers: JSON_TYPE },
    { body: JSON.stringify(one), headers: JSON_TYPE },
    { body: JSON.stringify(nested), headers: JSON_TYPE },
    { body: form.toString() },
    { body: xml(one), headers: { 'content-type': 'application/xml' } },
    // Nothing of these can be read, as a whole or in part.
    { body: `{"event": "${everything}`, headers: JSON_TYPE },
    { body: `<event><name>${everything}</event>`, headers: { 'content-type': 'text/xml' } },
    { body: Buffer.concat([Buffer.from(everything), Buffer.from([0xff, 0xfe])]), headers: JSON_TYPE },
    { body: JSON.stringify({ words: everything }), headers: JSON_TYPE },
    { body: bbbBody([{ data: { id: 'user-joined', attributes: { user: { name: everything } } } }, everything, null]) },
    { body: bbbBody([told('user-joined', { ...grace, 'internal-user-id': everything.repeat(9) })]) },
    {
      body: bbbBody([
        told('user-joined', { ...grace, name: PERSON.name }, { text: SECRET.notes }, { 'internal-meeting-id': {} }),
      ]),
    },
    { body: `event=${encodeURIComponent(everything)}&checksum=${SECRET.token}` },
    { body: everything.repeat(20_000) },
  ];
}

describe.each([
  ['Redis', true],
  ['PostgreSQL', false],
] as const)('with the queue in %s', (_name, onRedis) => {
  let database: TestDatabase;
  let redis: RedisServer;
  let environment: Record<string, string>;
  let ingress: AppProcess;
  let worker: AppProcess;
  const apps: AppProcess[] = [];
  const signatures = new Set<string>();

  beforeAll(async () => {
    [database, redis] = await Promise.all([createMigratedDatabase(), startRedisServer()]);
    environment = {
      ...KEYS,
      IDENTITY_KEY: `key-${run}`,
      DATABASE_URL: database.url,
      QUEUE_PREFIX: ownPrefix(),
      PARTITIONS: String(PARTITIONS),
      LOG_LEVEL: 'trace',
      ...(onRedis ? { REDIS_URL: redis.url } : {}),
    };
    [ingress, worker] = await Promise.all([startApp('ingress', environment), startApp('worker', environment)]);
    apps.push(ingress, worker);
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await Promise.all([database.drop(), redis.stop()]);
  });

  const stored = async () => [...(await databaseTexts(database.url)), ...(await redisTexts(redis.url))];
  const logs = (): StoredText[] =>
    apps.flatMap((app, index) => [
      { place: `log ${index}`, text: app.lines.map((line) => JSON.stringify(line)).join('\n') },
      { place: `errors ${index}`, text: app.stderr() },
    ]);

  async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async function send(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
    const url = withChecksum(callbackUrl(ingress.address), body.toString());
    const { searchParams } = new URL(url);
    for (const name of ['sig', 'checksum']) signatures.add(searchParams.get(name) ?? '');
    return (await post(url, body, { 'user-agent': SECRET.agent, referer: SECRET.referer, ...headers })).status;
  }

  async function sendModern(
    body: string,
    headers: Record<string, string> = JSON_TYPE,
    secret = KEYS.KERNEL_SECRET,
  ): Promise<number> {
    const signature = signModern(nowSeconds(), body, secret);
    signatures.add(signature);
    const signed = { 'x-chamilo-timestamp': String(nowSeconds()), 'x-chamilo-signature': signature };
    return (await post(`${ingress.address}/api/videoconference/callback`, body, { ...headers, ...signed })).status;
  }

  /** Waits until the worker has taken all that ingress has queued. */
  async function applied(): Promise<void> {
    const backend = await connectBackend(readQueueSettings(environment));
    await until('the queue is empty', async () => {
      const depths = await readPartitionDepths(backend, PARTITIONS);
      return depths.every(({ waiting, active }) => waiting + active === 0);
    }).finally(() => backend.close());
  }

  async function cli(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    const env = { PATH: process.env['PATH'], ...environment };
    return promisify(execFile)(process.execPath, ['apps/cli/bin/bbb-activity.js', ...args], {
      cwd: ROOT,
      env,
      maxBuffer: 1 << 28,
    }).then(
      (output) => ({ ...output, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
  }

  it('nothing private of any delivery is stored or logged, and what is stored can be found', async () => {
    for (const name of RECORDING_NAMES) {
      const { BBB_SECRET: sharedSecret, WEBHOOK_SALT: salt } = KEYS;
      const options = { target: ingress.address, accessUrlId: 1, sharedSecret, salt, urlAlgorithm: 'sha256', speed: 0 } as const;
      expect((await replayRecording(await readRecording(recordingPath(name)), options)).failed).toEqual([]);
    }
    for (const { body, headers } of deliveries()) expect(await send(body, headers)).toBe(200);
    const own = {
      provider: 'bbb',
      meeting_id: `modern-${run}`,
      participant_id: PERSON.id,
      action: 'join',
      password: SECRET.moderator,
    };
    expect(await sendModern(JSON.stringify({ ...own, ip: SECRET.address, chat: SECRET.chat }))).toBe(200);
    const form = new URLSearchParams({ ...own, token: SECRET.token }).toString();
    expect(await sendModern(form, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(200);
    expect(await sendModern(JSON.stringify({ provider: SECRET.chat, words: Object.values(SECRET) }))).toBe(400);
    expect(await sendModern(JSON.stringify({ ...own, words: Object.values(SECRET) }), JSON_TYPE, 'not the secret')).toBe(200);
    const strange = `${ingress.address}${LEGACY_PATH}?au=1&mid=${SECRET.chat}&ts=${nowSeconds()}&sig=${SECRET.token}`;
    expect((await post(strange, Object.values(SECRET).join())).status).toBe(403);
    await applied();

    const texts = [...(await stored()), ...logs()];
    const password = decodeURIComponent(new URL(database.url).password);
    const words = [
      ...Object.values(SECRET),
      ...(await recordedPrivateWords()),
      ...Object.values(KEYS),
      ...signatures,
      `key-${run}`,
      password,
    ];
    expect(find(words, texts)).toEqual([]);

    expect(find([PERSON.name, PERSON.id], texts)).toEqual(
      expect.arrayContaining([`${PERSON.name} in public.conference_event`, `${PERSON.id} in public.participant`]),
    );
    const letters = texts.filter(({ text }) => text.includes('sealed'));
    expect(letters.length).toBeGreaterThan(5);
    expect(find(['batch'], logs())).not.toEqual([]);
    expect(find([PERSON.name, PERSON.id, PERSON.connection], logs())).toEqual([]);
  });

  it('a person can be exported, then erased from the tables, the waiting jobs and the dead letters, and stays erased', async () => {
    const words = [PERSON.id, PERSON.name, PERSON.connection];
    // A dead letter of the worker: an event of a meeting whose journal was emptied.
    await query(`UPDATE conference_meeting SET sealed_at = now(), emptied_at = now() WHERE internal_meeting_id = $1`, [MEETING]);
    expect(await send(bbbBody([told('user-left', grace, { reason: 'late' })]))).toBe(200);
    await applied();
    expect(await worker.stop()).toBe(0);
    expect(
      await send(
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
    expect(await send(JSON.stringify(flatEvent({ note: 'again' })), JSON_TYPE)).toBe(200);

    const exported = await cli('export', '--user', PERSON.id);
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

    const before = await query('SELECT count(*), sum(messages), sum(camera_ms) FROM conference_activity');
    const erased = await cli('erase', '--user', PERSON.id);
    expect(erased).toMatchObject({ code: 0, stderr: '' });
    expect(erased.stdout).toMatch(
      /^meetings: [3-9]\nconnections: [1-9]\d*\nevents of the journal: \d+\nqueued jobs: [1-2]\ndead letters: [1-9]/m,
    );
    expect(find(words, await stored())).toEqual([]);
    expect(await query('SELECT count(*), sum(messages), sum(camera_ms) FROM conference_activity')).toEqual(before);

    worker = await startApp('worker', environment);
    apps.push(worker);
    await applied();
    expect(
      await send(
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
    expect(await send(bbbBody([told('user-left', grace, { reason: 'later still' })]))).toBe(200);
    await applied();
    expect(find(words, [...(await stored()), ...logs()])).toEqual([]);
    const people = await query<{ person_key: string }>(
      `SELECT DISTINCT person_key FROM participant WHERE person_key LIKE 'erased-%'`,
    );
    expect(people).toHaveLength(1);

    expect(await cli('export', '--user', PERSON.id)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing is stored'),
    });
    expect(await cli('erase', '--user', `nobody-${run}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is stored'),
    });
  });

  it('a person of the recordings loses ids and name, and no number', async () => {
    const numbers = `SELECT p.meeting_id, a.ordinal, a.in_at, a.out_at, a.metrics, a.microphone_ms, a.camera_ms
      FROM participant p JOIN conference_activity a ON a.participant_id = p.id ORDER BY p.id, a.ordinal`;
    const [person] = await query<{ id: string; name: string; connections: string[] }>(`
      SELECT p.person_key AS id, p.name, array_agg(i.internal_user_id) AS connections
      FROM participant p JOIN conference_identity i ON i.meeting_id = p.meeting_id AND i.external_user_id = p.person_key
      WHERE p.person_key = '107' GROUP BY 1, 2`);
    const before = await query(numbers);
    expect(await cli('erase', '--user', person?.id ?? '')).toMatchObject({ code: 0 });
    expect(find([person?.name ?? '', ...(person?.connections ?? [])], await stored())).toEqual([]);
    expect(await query(`SELECT 1 FROM conference_event WHERE external_user_id = '107'`)).toEqual([]);
    expect(await query(numbers)).toEqual(before);
  });

  it('a worker that could not recognise the person does not start, and says why in one line', async () => {
    for (const IDENTITY_KEY of ['another key', '']) {
      const { WEBHOOK_SALT: _salt, BBB_SECRET: _bbb, KERNEL_SECRET: _kernel, ...rest } = environment;
      const running = spawnApp('worker', { ...rest, IDENTITY_KEY });
      expect(await new Promise((done) => running.child.once('close', done))).toBe(1);
      expect(running.stderr()).toMatch(/^bbb-activity worker: persons or meetings were erased[^\n]*IDENTITY_KEY[^\n]*\n$/);
    }
  });

  it('a meeting can be erased, and what comes late of it is dropped', async () => {
    const meeting = `${MEETING}-3`;
    expect(find([meeting], await stored())).not.toEqual([]);
    expect(await cli('erase', '--meeting', meeting)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^meetings: 1\nparticipants: 1,/),
    });
    expect(await send(bbbBody([told('user-left', { ...grace, name: 'late' }, {}, { 'internal-meeting-id': meeting })]))).toBe(
      200,
    );
    await applied();
    expect(find([meeting], await stored())).toEqual([]);
    expect(await cli('erase', '--meeting', `none-${run}`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing is stored'),
    });
  });
});
