import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HooksPlace, MINUTE, openHooksPlace, PUBLIC_URL } from './hooks-place.js';

let place: HooksPlace;

beforeAll(async () => {
  place = await openHooksPlace();
});
afterAll(() => place.close());
beforeEach(() => place.clear());

const listed = () => place.server.hooks.map(({ meetingId, eventId }) => [meetingId, eventId]);
const foreign = (meetingId: string | null) => ({
  id: 'f1',
  callbackUrl: 'https://lms.example.org/x?k=1',
  meetingId,
  eventId: null,
  permanent: false,
});
const events = async () => (await place.hooks().history()).map(({ event, reason }) => `${event}: ${reason}`).toReversed();

describe('ensureHookForMeeting', () => {
  it('makes one hook, once, and leaves the others', async () => {
    place.server.hooks.push(foreign('other'));
    const hooks = place.hooks();
    expect(await hooks.ensureHookForMeeting('algebra & geometry')).toMatchObject({ registered: ['algebra & geometry'] });
    expect(await hooks.ensureHookForMeeting('algebra & geometry')).toMatchObject({ registered: [], renewed: [], removed: [] });
    await hooks.ensureHookForMeeting('biology');
    expect(listed()).toEqual([
      ['other', null],
      ['algebra & geometry', null],
      ['biology', null],
    ]);
    expect(place.server.hooks[1]?.callbackUrl).toMatch(
      /^https:\/\/here\.example\.org\/plugin\/Bbb\/webhook\.php\?au=1&mid=algebra%20%26%20geometry&ts=\d+&sig=[0-9a-f]{64}$/,
    );
    expect(await events()).toEqual(['registered: first', 'registered: first']);
  });

  it('makes one when many processes ask at once', async () => {
    const processes = [place.hooks(), place.hooks(), place.hooks(), place.hooks()];
    await Promise.all(processes.flatMap((hooks) => Array.from({ length: 5 }, () => hooks.ensureHookForMeeting('algebra'))));
    expect(listed()).toEqual([['algebra', null]]);
    expect(await events()).toEqual(['registered: first']);
  });

  it('sees to the global hook where the scope is global', async () => {
    await place.hooks({ scope: 'global' }).ensureHookForMeeting('algebra');
    expect(listed()).toEqual([[null, null]]);
  });

  it('tells the server the filter, by all names of what it lets pass', async () => {
    await place.hooks({ filter: ['participantjoined'] }).ensureHookForMeeting('algebra');
    expect(listed()).toEqual([['algebra', 'meeting-ended,participantjoined,user-joined,user_joined']]);
  });

  it('says that the server takes any URL for one that it has', async () => {
    place.server.replace((request, response) => {
      const answer = request.url?.includes('hooks/list')
        ? '<hooks/>'
        : '<hookID>7</hookID><messageKey>duplicateWarning</messageKey>';
      response.end(`<response><returncode>SUCCESS</returncode>${answer}</response>`);
    });
    await expect(place.hooks().ensureHookForMeeting('a')).rejects.toMatchObject({ code: 'hook_duplicate' });
  });

  it('needs a PUBLIC_URL, a server, and webhooks that are switched on', async () => {
    const refused = { code: 'hooks_not_configured', message: expect.stringContaining('PUBLIC_URL is not set') };
    await expect(place.hooks({}, null).ensureHookForMeeting('a')).rejects.toMatchObject(refused);
    await expect(place.hooks({ bbbUrl: null }).ensureHookForMeeting('a')).rejects.toMatchObject({ code: 'hooks_not_configured' });
    await expect(place.hooks({ enabled: false }).ensureHookForMeeting('a')).rejects.toMatchObject({ code: 'webhooks_disabled' });
    expect(place.server.calls).toEqual([]);
  });

  it('wants to know the access URL where there are several', async () => {
    const hooks = place.hooks([place.tenant(), place.tenant({ accessUrlId: 2 })]);
    await expect(hooks.ensureHookForMeeting('a')).rejects.toMatchObject({ code: 'unknown_access_url' });
    await expect(hooks.ensureHookForMeeting('a', 3)).rejects.toMatchObject({ code: 'unknown_access_url' });
    await hooks.ensureHookForMeeting('a', 2);
    expect(place.server.hooks[0]?.callbackUrl).toContain('?au=2&mid=a&');
  });
});

describe('ensureGlobalWebhook', () => {
  it('makes the global hook, and refuses where the scope is another', async () => {
    await expect(place.hooks().ensureGlobalWebhook()).rejects.toMatchObject({ code: 'hook_scope' });
    await place.hooks({ scope: 'global' }).ensureGlobalWebhook();
    await place.hooks({ scope: 'global' }).ensureGlobalWebhook();
    expect(listed()).toEqual([[null, null]]);
  });
});

describe('cleanupWebhooks', () => {
  it('removes ours, of a meeting or all, and no other', async () => {
    place.server.hooks.push(foreign('a'));
    const hooks = place.hooks();
    for (const meeting of ['a', 'b', 'c']) await hooks.ensureHookForMeeting(meeting);
    expect(await hooks.cleanupWebhooks('a')).toMatchObject({ removed: [expect.any(String)] });
    expect(listed()).toEqual([
      ['a', null],
      ['b', null],
      ['c', null],
    ]);
    await hooks.cleanupWebhooks();
    expect(listed()).toEqual([['a', null]]);
    expect(await hooks.cleanupWebhooks()).toMatchObject({ removed: [] });
    expect((await events()).filter((one) => one === 'removed: cleanup')).toHaveLength(3);
  });

  it('knows hooks of an earlier address again, also without a PUBLIC_URL', async () => {
    await place.hooks({}, 'https://before.example.org').ensureHookForMeeting('a');
    await place.hooks({}, null).cleanupWebhooks();
    expect(listed()).toEqual([]);
  });

  it('removes nothing where one of ours is permanent', async () => {
    const hooks = place.hooks();
    await hooks.ensureHookForMeeting('a');
    const [first] = place.server.hooks;
    if (first === undefined) throw new Error('there is no hook');
    place.server.hooks.push({ ...first, id: 'p', permanent: true });
    await expect(hooks.cleanupWebhooks()).rejects.toMatchObject({
      code: 'permanent_hook',
      message: expect.stringContaining('nothing was removed'),
    });
    expect(place.server.hooks).toHaveLength(2);
  });
});

describe('checkWebhooksHealth and list', () => {
  it('find all well, and tell no signature', async () => {
    place.server.running.add('a');
    const hooks = place.hooks();
    await hooks.ensureAll();
    place.server.hooks.push(foreign('b'));
    const [health] = await hooks.checkWebhooksHealth();
    expect(health).toMatchObject({
      ok: true,
      server: { reachable: true, checksumAccepted: true, failingSince: null },
      hooks: { wanted: 1, good: 1, foreign: 1 },
      problems: [],
    });
    expect(Math.abs(health?.server.clockAheadSeconds ?? Number.NaN)).toBeLessThan(30);
    const told = await hooks.list();
    expect(told).toMatchObject([
      { ours: true, meetingId: 'a', address: `${PUBLIC_URL}/plugin/Bbb/webhook.php` },
      { ours: false, meetingId: 'b', address: 'lms.example.org', signedAt: null },
    ]);
    expect(JSON.stringify([health, told])).not.toMatch(/sig=|k=1/);
  });

  it('tell what is missing, for nothing, overdue, starved and permanent', async () => {
    const hooks = place.hooks();
    place.server.running.add('starved').add('overdue').add('missing');
    await hooks.ensureHookForMeeting('overdue');
    await hooks.ensureHookForMeeting('over');
    place.now += 11 * MINUTE;
    place.server.hooks.push(foreign('starved'));
    await hooks.ensureHookForMeeting('starved');
    const [first] = place.server.hooks;
    if (first !== undefined) place.server.hooks.push({ ...first, id: 'p', permanent: true });
    const [health] = await hooks.checkWebhooksHealth();
    expect(health?.problems.map(({ kind, meetingId }) => `${kind} ${meetingId}`).toSorted()).toEqual(
      [
        'missing missing',
        // What would stand in for the starved one.
        'missing null',
        'overdue overdue',
        'permanent overdue',
        'starved starved',
        'unwanted over',
      ].toSorted(),
    );
    expect(health?.problems.find(({ kind }) => kind === 'starved')?.text).toContain('lms.example.org');
  });

  it('tell that PUBLIC_URL is not set', async () => {
    expect(await place.hooks({}, null).checkWebhooksHealth()).toMatchObject([
      { ok: false, server: { reachable: true }, problems: [{ kind: 'not_configured' }] },
    ]);
    expect(await place.hooks({ bbbUrl: null }).checkWebhooksHealth()).toMatchObject([
      { ok: false, server: { reachable: false } },
    ]);
  });

  it('tell that the clocks are apart', async () => {
    place.server.replace((_, response) => {
      response.setHeader('date', new Date(Date.now() - 600_000).toUTCString());
      response.end('<response><returncode>SUCCESS</returncode><hooks/><meetings/></response>');
    });
    expect(await place.hooks().checkWebhooksHealth()).toMatchObject([
      { ok: false, problems: [{ kind: 'clock', text: expect.stringContaining('behind') }] },
    ]);
  });
});

const ROWS = ['webhookHook', 'webhookHookHistory'] as const;

describe('whatever is wrong with the server', () => {
  const huge = '<hooks>'.padEnd(300_000, ' ');
  const answers = {
    'no XML': 'It works!',
    'a huge answer': `<response><returncode>SUCCESS</returncode>${huge}</hooks></response>`,
    'an entity bomb':
      '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><response><returncode>SUCCESS</returncode><hooks>&b;</hooks></response>',
  };

  async function expectNothing(hooks: ReturnType<HooksPlace['hooks']>, error: object, problem: object) {
    await expect(hooks.ensureHookForMeeting('a')).rejects.toMatchObject(error);
    await expect(hooks.ensureAll()).rejects.toMatchObject(error);
    await expect(hooks.cleanupWebhooks()).rejects.toMatchObject(error);
    await expect(hooks.list()).rejects.toMatchObject(error);
    expect(await hooks.checkWebhooksHealth()).toMatchObject([{ ok: false, hooks: null, ...problem }]);
  }

  it.each(Object.entries(answers))('%s is told, and changes nothing', async (_what, answer) => {
    await place.hooks().ensureHookForMeeting('kept');
    const before = structuredClone(place.server.hooks);
    place.server.replace((_, response) => response.end(answer));
    await expectNothing(
      place.hooks(),
      { code: 'bbb_answer' },
      { server: { reachable: false }, problems: [{ kind: 'unreachable' }] },
    );
    expect(place.server.hooks).toEqual(before);
    expect(await place.store.prisma[ROWS[0]].count()).toBe(1);
  });

  it('a wrong secret is told, and changes nothing', async () => {
    const refused = {
      server: { reachable: true, checksumAccepted: false },
      problems: [{ kind: 'refused', text: expect.stringContaining('checksumError') }],
    };
    await expectNothing(place.hooks({ bbbSecrets: ['wrong'] }), { code: 'bbb_failed', messageKey: 'checksumError' }, refused);
    expect(place.server.calls).toEqual([]);
  });

  it('that it is away is told, and changes nothing', async () => {
    const away = place.hooks({ bbbUrl: 'http://127.0.0.1:9/bigbluebutton' });
    await expectNothing(away, { code: 'bbb_unreachable' }, { server: { reachable: false, checksumAccepted: null } });
    expect(await place.store.prisma[ROWS[1]].findMany()).toMatchObject([
      { event: 'unanswered', reason: 'bbb_unreachable', toAt: null },
    ]);
  });
});
