import { signModern } from '@bbb-activity/signatures/modern-header';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bbbBody, bbbEvent, nowSeconds, post } from '../../support/bbb-sender.js';
import { type IngressServer, KEYS, startIngress } from '../../support/ingress-server.js';

describe('the modern endpoint', () => {
  let ingress: IngressServer;

  beforeAll(async () => {
    ingress = await startIngress();
  });
  afterAll(() => ingress.close());

  function send(body: string, headers: Readonly<Record<string, string>>) {
    return post(`${ingress.address}/api/videoconference/callback`, body, { 'content-type': 'application/json', ...headers });
  }

  function signed(body: string, timestamp = nowSeconds(), prefix = ''): Record<string, string> {
    return {
      'x-chamilo-timestamp': String(timestamp),
      'x-chamilo-signature': `${prefix}${signModern(timestamp, body, KEYS.KERNEL_SECRET)}`,
    };
  }

  it('answers 200 to whatever is not validly signed, and writes nothing', async () => {
    const body = JSON.stringify({
      provider: 'bbb',
      meeting_id: 'm1',
      participant_id: 5,
      action: 'join',
      timestamp: nowSeconds(),
    });
    const requests = [{}, { 'x-chamilo-timestamp': String(nowSeconds()) }, signed(`${body} `), signed(body, nowSeconds() - 301)];
    for (const headers of requests) expect(await send(body, headers)).toMatchObject({ status: 200, json: { ok: true } });
    expect(await send('no known form', {})).toMatchObject({ status: 200 });
    expect(await ingress.waiting()).toBe(0);
    expect(await ingress.deadLetters.count()).toBe(0);
  });

  it('takes a signed activity as the event that it means', async () => {
    const body = JSON.stringify({
      provider: 'bbb',
      meeting_id: 'm1',
      participant_id: 5,
      action: 'join',
      timestamp: 1_800_000_000,
    });
    expect(await send(body, signed(body, nowSeconds(), 'v1='))).toMatchObject({ status: 200, json: { ok: true } });
    const queued = await ingress.queued(1);
    expect(queued).toContainEqual(
      expect.objectContaining({ kind: 'joined', at: 1_800_000_000_000, person: expect.objectContaining({ externalId: '5' }) }),
    );
  });

  it('takes a form, and any event form of a BBB server', async () => {
    const form = new URLSearchParams({ provider: 'bbb', meeting_id: 'm2', title: 'A room', status: 'running' }).toString();
    const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send(form, { ...signed(form), ...urlencoded })).toMatchObject({ status: 200, json: { ok: true } });
    const events = bbbBody([bbbEvent('user-joined', { meeting: 'm3' })]);
    expect(await send(events, { ...signed(events), ...urlencoded })).toMatchObject({
      status: 200,
      json: { ok: true, events: 1 },
    });
    const queued = await ingress.queued(2);
    expect(queued.map(({ kind }) => kind).toSorted()).toEqual(['joined', 'meeting_announced']);
  });

  it('tells a signed sender what is wrong', async () => {
    const missing = JSON.stringify({ provider: 'bbb', participant_id: 5, action: 'join' });
    const answer = await send(missing, signed(missing));
    expect(answer).toMatchObject({ status: 400, json: { ok: false, error: 'missing_field' } });
    expect(String(answer.json['message'])).toContain('meeting_id');
    expect(await send('no known form', signed('no known form'))).toMatchObject({ status: 400, json: { ok: false } });
  });
});
