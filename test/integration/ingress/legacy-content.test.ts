import { open } from '@bbb-activity/events/sealed-evidence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, callbackUrl, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, startIngress } from '../../support/ingress-server.js';

const MIB = 1024 * 1024;

describe('what the legacy endpoint does with a body', () => {
  let ingress: IngressServer;

  beforeEach(async () => {
    ingress = await startIngress();
  });
  afterEach(() => ingress.close());

  it('queues every event of a delivery, in order', async () => {
    const events = Array.from({ length: 20 }, (_, index) => bbbEvent('user-joined', { at: 1_800_000_000_000 + index }));
    expect(await post(callbackUrl(ingress.address), bbbBody(events))).toMatchObject({
      status: 200,
      json: { ok: true, events: 20 },
    });
    const queued = await ingress.queued(20);
    expect(queued.map(({ at }) => at)).toEqual(events.map((_, index) => 1_800_000_000_000 + index));
  });

  it('answers an empty body with a note', async () => {
    expect(await post(callbackUrl(ingress.address), '')).toMatchObject({ status: 200, json: { ok: true, note: 'no_payload' } });
    expect(await ingress.waiting()).toBe(0);
  });

  it("takes the URL's meeting for a payload that names none, and the payload's own where it names one", async () => {
    const flat = (meeting: object) =>
      JSON.stringify({ event: { name: 'participantJoined' }, userID: '7', timestamp: nowSeconds(), ...meeting });
    const url = callbackUrl(ingress.address, nowSeconds(), 'room-1');
    await post(url, flat({}), { 'content-type': 'application/json' });
    await post(url, flat({ meetingID: 'room-2' }), { 'content-type': 'application/json' });
    const queued = await ingress.queued(2);
    expect(queued.map(({ meeting }) => meeting.externalId).toSorted()).toEqual(['room-1', 'room-2']);
  });

  it('answers 200 to what it cannot read, and keeps it sealed as a dead letter', async () => {
    const identity = 'an identity key of this test';
    const own = await startIngress({ IDENTITY_KEY: identity });
    try {
      const body = 'domain=x&event=%5B{"private words&timestamp=1';
      expect(await post(callbackUrl(own.address), body)).toMatchObject({ status: 200, json: { ok: true, note: 'bad_json' } });
      expect(await own.waiting()).toBe(0);
      const letters = await own.deadLetters.list({ limit: 10 });
      expect(letters.letters).toHaveLength(1);
      expect(letters.letters[0]).toMatchObject({ reason: 'bad_json', source: 'ingress' });
      expect(JSON.stringify(letters)).not.toContain('private words');
      const payload = letters.letters[0]?.payload as { sealed: string };
      expect(() => open(payload.sealed, Buffer.alloc(32))).toThrow();
    } finally {
      await own.close();
    }
  });

  it.each(['', 'garbage', ';;', 'a/b/c', 'text/ plain', 'application/x-www-form-urlencoded,a', 'multipart', 'image/png'])(
    'reads a delivery whatever it is sent as: %j',
    async (contentType) => {
      const answer = await post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-joined')]), {
        'content-type': contentType,
      });
      expect(answer).toMatchObject({ status: 200, json: { ok: true, events: 1 } });
    },
  );

  it('keeps an unreadable delivery that is tried again as one dead letter', async () => {
    const [url, body] = [callbackUrl(ingress.address), 'event=%5B{&timestamp=1'];
    for (let attempt = 0; attempt < 3; attempt += 1) await post(url, body);
    expect(await ingress.deadLetters.count()).toBe(1);
  });

  it('loses none of the neighbours of a malformed event', async () => {
    const events = [
      bbbEvent('user-joined'),
      { data: { id: 'user-joined', attributes: {}, event: {} } },
      'nonsense',
      bbbEvent('user-left'),
    ];
    expect(await post(callbackUrl(ingress.address), bbbBody(events))).toMatchObject({
      status: 200,
      json: { ok: true, events: 2, malformed: 2, note: 'partly_malformed' },
    });
    expect((await ingress.queued(2)).map(({ name }) => name)).toEqual(['user-joined', 'user-left']);
    expect(await ingress.deadLetters.count()).toBe(2);
  });

  it('counts an unknown name and answers 200', async () => {
    expect(await post(callbackUrl(ingress.address), bbbBody([bbbEvent('user-did-a-dance')]))).toMatchObject({
      status: 200,
      json: { ok: true, events: 0, unknown: 1 },
    });
    expect(ingress.log.join('')).toContain('user-did-a-dance');
  });

  it('keeps what is over 1,000 events as a dead letter, and takes the first thousand', async () => {
    const events = Array.from({ length: 1_003 }, (_, index) => bbbEvent('user-joined', { at: 1_800_000_000_000 + index }));
    expect(await post(callbackUrl(ingress.address), bbbBody(events))).toMatchObject({
      status: 200,
      json: { events: 1_000, malformed: 1, note: 'too_many_events' },
    });
    expect(await ingress.queued(1_000)).toHaveLength(1_000);
    expect((await ingress.deadLetters.list({ limit: 1 })).letters[0]).toMatchObject({ reason: 'too_many_events' });
  });

  it('answers 200 to a body over 8 MiB, and keeps its beginning', async () => {
    expect(await post(callbackUrl(ingress.address), Buffer.alloc(8 * MIB + 1, 'a'))).toMatchObject({
      status: 200,
      json: { ok: true, note: 'body_too_large' },
    });
    expect((await ingress.deadLetters.list({ limit: 1 })).letters[0]).toMatchObject({ reason: 'body_too_large' });
  });

  it('lets only the events of the filter pass, by their names or their meaning', async () => {
    const own = await startIngress({ WEBHOOKS_EVENT_FILTER: 'participantJoined, user-left' });
    try {
      const events = ['user-joined', 'user-audio-unmuted', 'user-left'].map((name) => bbbEvent(name));
      expect(await post(callbackUrl(own.address), bbbBody(events))).toMatchObject({ json: { events: 2, filtered: 1 } });
      expect((await own.queued(2)).map(({ name }) => name)).toEqual(['user-joined', 'user-left']);
    } finally {
      await own.close();
    }
  });

  it('takes nothing in while webhooks are turned off, yet lets no hook be deleted for it', async () => {
    const own = await startIngress({ WEBHOOKS_ENABLED: 'false' });
    try {
      expect(await post(callbackUrl(own.address), bbbBody([bbbEvent('user-joined')]))).toMatchObject({
        status: 200,
        json: { ok: true, note: 'webhooks_disabled' },
      });
      expect(await own.waiting()).toBe(0);
    } finally {
      await own.close();
    }
  });
});
