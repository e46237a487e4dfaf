import { PRIVATE_WORDS } from '@bbb-activity/simulator/sender-words';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppProcess } from '../support/app-process.js';
import { LEGACY_PATH, nowSeconds, post } from '../support/bbb-sender.js';
import { ADMIN_TOKEN, PrivacySystem } from '../support/privacy/privacy-system.js';
import { deliveries, JSON_TYPE, PERSON, run, SECRET, UNHEARD_OF } from '../support/privacy/private-deliveries.js';
import { QUEUES } from '../support/queues.js';
import { recordedPrivateWords } from '../support/recorded-words.js';
import { share } from '../support/share.js';
import { find, type StoredText } from '../support/stored-text.js';

/** Of generated meetings, which together tell every private word that the simulator has. */
const SEEDS = [3, 13, 21];

async function wordsOf({ secrets }: PrivacySystem): Promise<string[]> {
  return [...Object.values(SECRET), ...Object.values(PRIVATE_WORDS), ...(await recordedPrivateWords()), ...secrets];
}

async function everywhereIn(system: PrivacySystem): Promise<StoredText[]> {
  return [...(await system.stored()), ...system.logs(), ...(await system.metrics())];
}

describe.each(share(QUEUES, ([, onRedis]) => onRedis))('private words, with the queue in %s,', (_name, onRedis) => {
  let system: PrivacySystem;
  let ingress: AppProcess;

  beforeAll(async () => {
    system = await PrivacySystem.create(onRedis);
    ingress = await system.start('ingress');
  });
  afterAll(() => system.close());

  it('of no delivery are stored, logged or counted, while it waits and when it is applied, and what is kept is found', async () => {
    await system.replayRecordings(ingress);
    const generated: string[] = [];
    for (const seed of SEEDS) generated.push(...(await system.sendGenerated(ingress, seed)));
    const sent = generated.map((body) => ({ place: 'sent', text: decodeURIComponent(body.replaceAll('+', ' ')) }));
    expect(find(Object.values(PRIVATE_WORDS), sent)).toHaveLength(Object.values(PRIVATE_WORDS).length);

    for (const { body, headers } of deliveries()) expect(await system.send(ingress, body, headers)).toBe(200);
    const own = {
      provider: 'bbb',
      meeting_id: `modern-${run}`,
      participant_id: PERSON.id,
      action: 'join',
      password: SECRET.moderator,
    };
    expect(await system.sendModern(ingress, JSON.stringify({ ...own, ip: SECRET.address, chat: SECRET.chat }))).toBe(200);
    const form = new URLSearchParams({ ...own, token: SECRET.token }).toString();
    expect(await system.sendModern(ingress, form, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(200);
    const all = Object.values(SECRET);
    expect(await system.sendModern(ingress, JSON.stringify({ provider: SECRET.chat, words: all }))).toBe(400);
    expect(await system.sendModern(ingress, JSON.stringify({ ...own, words: all }), JSON_TYPE, 'not the secret')).toBe(200);
    const strange = `${ingress.address}${LEGACY_PATH}?au=1&mid=${SECRET.chat}&ts=${nowSeconds()}&sig=${SECRET.token}`;
    expect((await post(strange, all.join())).status).toBe(403);

    const waiting = await everywhereIn(system);
    expect(find(await wordsOf(system), waiting)).toEqual([]);
    expect(find([PERSON.name], waiting)).toContainEqual(expect.stringMatching(system.jobPlace));

    await system.start('worker');
    await system.applied();
    const dashboard = await system.start('dashboard');
    for (const [token, status] of [
      [ADMIN_TOKEN, 200],
      [SECRET.bearer, 401],
    ] as const) {
      const response = await fetch(`${dashboard.address}/api/meetings`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(status);
    }

    const applied = await everywhereIn(system);
    expect(find(await wordsOf(system), applied)).toEqual([]);
    expect(find([PERSON.name, PERSON.id], applied)).toEqual(
      expect.arrayContaining([`${PERSON.name} in public.conference_event`, `${PERSON.id} in public.participant`]),
    );
    expect(applied.filter(({ text }) => text.includes('sealed')).length).toBeGreaterThan(5);
    expect(find([PERSON.name, PERSON.id, PERSON.connection], [...system.logs(), ...(await system.metrics())])).toEqual([]);
    // The one word of a body that may be told shows that log and metrics are looked through.
    expect(find([UNHEARD_OF], applied)).toEqual([expect.stringMatching(/ in log 0$/), expect.stringMatching(/ in metrics 0$/)]);
  });
});

describe('the search for private words', () => {
  let system: PrivacySystem;

  beforeAll(async () => {
    system = await PrivacySystem.create(true);
  });
  afterAll(() => system.close());

  it('finds them wherever they stand, and however they are written', async () => {
    expect(find(await wordsOf(system), await everywhereIn(system))).toEqual([]);
    await system.query('CREATE SCHEMA elsewhere');
    await system.query('CREATE TABLE elsewhere.kept (bytes bytea, document jsonb)');
    await system.query('INSERT INTO elsewhere.kept VALUES ($1, $2)', [Buffer.from(SECRET.chat), { a: [{ b: SECRET.notes }] }]);
    const encoded = Buffer.from(`-${SECRET.token}-`).toString('base64');
    await system.query(`INSERT INTO erased_person (access_url_id, id_hash, pseudonym) VALUES (1, '', $1)`, [encoded]);
    const redis = new Redis(system.redisUrl);
    await redis.hset('a hash', 'field', Buffer.from(SECRET.moderator).toString('hex'));
    await redis.xadd('a stream', '*', 'field', encodeURIComponent(SECRET.agent));
    redis.disconnect();
    expect(find(await wordsOf(system), await everywhereIn(system)).toSorted()).toEqual([
      `${SECRET.agent} in redis a stream`,
      `${SECRET.chat} in elsewhere.kept`,
      `${SECRET.moderator} in redis a hash`,
      `${SECRET.notes} in elsewhere.kept`,
      `${SECRET.token} in public.erased_person`,
    ]);
  });
});
