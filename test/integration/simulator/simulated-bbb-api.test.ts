import { createHash } from 'node:crypto';
import { BbbClient } from '@bbb-activity/bbb/bbb-client';
import { ManualClock } from '@bbb-activity/simulator/bbb-clock';
import { SimulatedBbb, type SimulatedBbbOptions } from '@bbb-activity/simulator/simulated-bbb';
import { afterEach, describe, expect, it } from 'vitest';
import { callApi, elementOf } from '../../support/hook-calls.js';

const SECRET = 'shared-secret';
const running: SimulatedBbb[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((bbb) => bbb.close()));
});

async function start(options: Partial<SimulatedBbbOptions> = {}): Promise<SimulatedBbb> {
  const bbb = await SimulatedBbb.start({ secret: SECRET, ...options });
  running.push(bbb);
  return bbb;
}

const call = (bbb: SimulatedBbb, name: string, parameters: Record<string, string> = {}, algorithm = 'sha1') =>
  callApi({ url: bbb.url, secret: SECRET }, name, parameters, algorithm);
const failed = (key: string) => expect.stringContaining(`<returncode>FAILED</returncode><messageKey>${key}</messageKey>`);

describe('the API of the simulated BBB server', () => {
  it('creates a hook, lists it and destroys it', async () => {
    const bbb = await start();
    const created = await call(bbb, 'hooks/create', {
      callbackURL: 'http://a/?x=1&y=2',
      meetingID: 'room 1',
      eventID: 'User-Joined,user-left',
    });
    const id = elementOf(created, 'hookID') ?? '';
    expect(created).toBe(
      `<response><returncode>SUCCESS</returncode><hookID>${id}</hookID><permanentHook>false</permanentHook><rawData>false</rawData></response>`,
    );
    expect(await call(bbb, 'hooks/list')).toBe(
      `<response><returncode>SUCCESS</returncode><hooks><hook><hookID>${id}</hookID><callbackURL><![CDATA[http://a/?x=1&y=2]]></callbackURL>` +
        '<meetingID><![CDATA[room 1]]></meetingID><eventID>user-joined,user-left</eventID>' +
        '<permanentHook>false</permanentHook><rawData>false</rawData></hook></hooks></response>',
    );
    expect(await call(bbb, 'hooks/destroy', { hookID: id })).toContain('<returncode>SUCCESS</returncode><removed>true</removed>');
    expect(await call(bbb, 'hooks/list')).toContain('<hooks></hooks>');
    expect(await call(bbb, 'hooks/destroy', { hookID: id })).toEqual(failed('destroyMissingHook'));
  });

  it('takes a known callback URL for the same hook, whatever else is asked for', async () => {
    const bbb = await start();
    const first = await call(bbb, 'hooks/create', { callbackURL: 'http://a/', meetingID: 'm1' });
    const again = await call(bbb, 'hooks/create', { callbackURL: 'http://a/', meetingID: 'm2', eventID: 'user-left' });
    expect(elementOf(again, 'messageKey')).toBe('duplicateWarning');
    expect(elementOf(again, 'returncode')).toBe('SUCCESS');
    expect(elementOf(again, 'hookID')).toBe(elementOf(first, 'hookID'));
    expect(bbb.hooks()).toEqual([expect.objectContaining({ meetingId: 'm1', eventIds: null })]);
  });

  it('makes two hooks of one callback URL where both calls come before the first is stored', async () => {
    const bbb = await start({ storeMs: 200 });
    const create = () => call(bbb, 'hooks/create', { callbackURL: 'http://a/' });
    const answers = await Promise.all([create(), create()]);
    expect(new Set(answers.map((answer) => elementOf(answer, 'hookID'))).size).toBe(2);
    expect(bbb.hooks()).toHaveLength(2);
    expect(await create()).toContain('duplicateWarning');
  });

  it('tells what is missing', async () => {
    const bbb = await start();
    expect(await call(bbb, 'hooks/create')).toEqual(failed('missingParamCallbackURL'));
    expect(await call(bbb, 'hooks/destroy')).toEqual(failed('missingParamHookID'));
    expect(await call(bbb, 'hooks/create', { callbackURL: 'http://a/', getRaw: 'perhaps' })).toEqual(failed('createHookError'));
    expect(await call(bbb, 'isMeetingRunning')).toEqual(failed('missingParamMeetingID'));
    expect(bbb.hooks()).toEqual([]);
  });

  it('answers 200, XML and its own time, whatever it thinks of a call', async () => {
    const bbb = await start({ clock: new ManualClock(1_795_471_485_000) });
    for (const path of ['hooks/list?checksum=1', 'getMeetings', 'nothing?checksum=1']) {
      const response = await fetch(`${bbb.url}/api/${path}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
      expect(Date.parse(response.headers.get('date') ?? '')).toBe(1_795_471_485_000);
    }
  });

  it('ignores a parameter of another name', async () => {
    const bbb = await start();
    await call(bbb, 'hooks/create', { callbackURL: 'http://a/', events: 'user-left' });
    expect(bbb.hooks()).toEqual([expect.objectContaining({ eventIds: null, raw: false })]);
  });

  it.each(['sha1', 'sha256', 'sha384', 'sha512'])('takes checksums of %s', async (algorithm) => {
    const bbb = await start();
    expect(await call(bbb, 'hooks/list', {}, algorithm)).toContain('SUCCESS');
    expect(await call(bbb, 'getMeetings', {}, algorithm)).toContain('SUCCESS');
  });

  it('refuses what is signed otherwise, and changes nothing', async () => {
    const bbb = await start({ apiAlgorithms: ['sha256'] });
    const checksum = createHash('sha256').update(`hooks/createcallbackURL=a${SECRET}x`).digest('hex');
    for (const query of [`callbackURL=a&checksum=${checksum}`, 'callbackURL=a', 'callbackURL=a&checksum=1']) {
      expect(await (await fetch(`${bbb.url}/api/hooks/create?${query}`)).text()).toEqual(failed('checksumError'));
    }
    expect(await call(bbb, 'hooks/list', {}, 'sha1')).toEqual(failed('checksumError'));
    expect(bbb.hooks()).toEqual([]);
    expect(bbb.calls().every(({ messageKey }) => messageKey === 'checksumError')).toBe(true);
  });

  it('takes SHA-1 alone for hooks as 2.x, and gives them numbers', async () => {
    const bbb = await start({ behaviour: '2.x' });
    expect(await call(bbb, 'hooks/list', {}, 'sha256')).toEqual(failed('checksumError'));
    expect(await call(bbb, 'getMeetings', {}, 'sha256')).toContain('SUCCESS');
    expect(elementOf(await call(bbb, 'hooks/create', { callbackURL: 'http://a/' }), 'hookID')).toBe('1');
  });

  it('lists of a meeting the hooks that get its events, and fails where it has none of its own', async () => {
    const bbb = await start();
    await call(bbb, 'hooks/create', { callbackURL: 'http://global/' });
    expect(await call(bbb, 'hooks/list', { meetingID: 'm1' })).toEqual(failed('listHookError'));
    await call(bbb, 'hooks/create', { callbackURL: 'http://older/', meetingID: 'm1' });
    await call(bbb, 'hooks/create', { callbackURL: 'http://younger/', meetingID: 'm1' });
    await call(bbb, 'hooks/create', { callbackURL: 'http://other/', meetingID: 'm2' });
    const urls = [...(await call(bbb, 'hooks/list', { meetingID: 'm1' })).matchAll(/CDATA\[(http.*?)\]/g)].map(([, url]) => url);
    expect(urls.sort()).toEqual(['http://global/', 'http://older/']);
  });

  it('keeps permanent hooks', async () => {
    const bbb = await start({ permanentUrls: ['http://permanent/'] });
    const [hook] = bbb.hooks();
    expect(await call(bbb, 'hooks/list')).toContain('<permanentHook>true</permanentHook>');
    expect(await call(bbb, 'hooks/destroy', { hookID: hook?.id ?? '' })).toEqual(failed('destroyMissingHook'));
    expect(await call(bbb, 'hooks/create', { callbackURL: 'http://permanent/' })).toContain('duplicateWarning');
    expect(bbb.hooks()).toEqual([hook]);
  });

  it('forgets as 3.0 to 3.3.1 for which meeting a hook is', async () => {
    const bbb = await start({ behaviour: '3.0' });
    await call(bbb, 'hooks/create', { callbackURL: 'http://a/', meetingID: 'm1' });
    expect(await call(bbb, 'hooks/list')).not.toContain('meetingID');
    expect(await call(bbb, 'hooks/list', { meetingID: 'm1' })).toEqual(failed('listHookError'));
  });

  it('tells the meetings that run to a client', async () => {
    const bbb = await start();
    const client = new BbbClient({ url: bbb.url, secret: SECRET, algorithm: 'sha256' });
    expect(await client.getMeetings()).toEqual([]);
    bbb.startMeeting({ externalId: 'room <1> & co' });
    expect(await client.isMeetingRunning('room <1> & co')).toBe(true);
    expect(await client.getMeetings()).toEqual([
      expect.objectContaining({
        externalId: 'room <1> & co',
        internalId: bbb.meetings()[0]?.internalId,
        participants: 0,
        running: true,
      }),
    ]);
    bbb.endMeeting('room <1> & co');
    expect(await client.isMeetingRunning('room <1> & co')).toBe(false);
    await expect(client.getMeetingInfo('room <1> & co')).rejects.toMatchObject({ messageKey: 'notFound' });
    expect(() => bbb.endMeeting('room <1> & co')).toThrow(RangeError);
  });
});
