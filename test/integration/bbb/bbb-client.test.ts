import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BbbClient, type BbbClientOptions } from '@bbb-activity/bbb/bbb-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BbbServer, startBbbServer } from '../../support/bbb-server.js';

const SECRET = 'the-shared-secret-of-the-server';
let server: BbbServer;

beforeEach(async () => {
  server = await startBbbServer(SECRET);
});
afterEach(() => server.close());

const client = (options: Partial<BbbClientOptions> = {}) => new BbbClient({ url: server.url, secret: SECRET, ...options });

/** The error of a call, after seeing that nothing of it tells the secret, the checksum or the URL. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    () => expect.unreachable('the call succeeded'),
    (failure: unknown) => failure,
  );
  const everything = JSON.stringify([String(error), error, (error as Error).stack, String((error as Error).cause)]);
  for (const hidden of [SECRET, 'checksum=', 'meetingID', server.url]) expect(everything).not.toContain(hidden);
  return error;
}

describe('isMeetingRunning', () => {
  it.each([undefined, 'sha1', 'sha256', 'sha384', 'sha512'] as const)(
    'tells what the server says, signed with %s',
    async (algorithm) => {
      server.running.add('algebra & "geometry" ä/1+1');
      const options = algorithm === undefined ? {} : { algorithm };
      expect(await client(options).isMeetingRunning('algebra & "geometry" ä/1+1')).toBe(true);
      expect(await client(options).isMeetingRunning('biology')).toBe(false);
      expect(server.calls.map(({ name }) => name)).toEqual(['isMeetingRunning', 'isMeetingRunning']);
      expect(server.calls.every((call) => call.algorithm === (algorithm ?? 'sha1'))).toBe(true);
    },
  );

  it('does not mind slashes at the end of the URL', async () => {
    expect(await client({ url: `${server.url}//` }).isMeetingRunning('biology')).toBe(false);
  });

  it('tells the key of a refusal', async () => {
    const error = await errorOf(client({ secret: 'another' }).isMeetingRunning('biology'));
    expect(error).toMatchObject({ code: 'bbb_failed', messageKey: 'checksumError', call: 'isMeetingRunning' });
    expect(server.calls).toEqual([]);
  });

  it('tells no key that is none', async () => {
    server.replace((request, response) =>
      response.end(
        `<response><returncode>FAILED</returncode><messageKey>see ${request.url?.replaceAll('&', '&amp;')}</messageKey></response>`,
      ),
    );
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({ code: 'bbb_failed', messageKey: 'unknown' });
  });

  it('fails where nobody listens', async () => {
    await server.close();
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({
      code: 'bbb_unreachable',
      reason: 'ECONNREFUSED',
    });
  });

  it.each(['headers', 'body'])('fails in time where the %s do not come', async (until) => {
    server.replace((_, response) => {
      if (until === 'body') response.write('<response>');
    });
    const begun = performance.now();
    const error = await errorOf(client({ timeoutMs: 100 }).isMeetingRunning('biology'));
    expect(error).toMatchObject({ code: 'bbb_unreachable', reason: 'timeout' });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it.each([
    ['no XML', 'It works!'],
    ['XML that breaks off', '<response><returncode>SUCCESS</returncode><running>true</running>'],
    ['another document', '<html><body>It works!</body></html>'],
    ['no returncode', '<response><running>true</running></response>'],
    ['a success that does not tell', '<response><returncode>SUCCESS</returncode></response>'],
    ['a success that tells something else', '<response><returncode>SUCCESS</returncode><running>maybe</running></response>'],
    ['nothing', ''],
  ])('fails for %s', async (_what, body) => {
    server.replace((_request, response) => response.end(body));
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({ code: 'bbb_answer', status: 200 });
  });

  it('expands nothing that an answer declares', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    server.replace((_, response) =>
      response.end(
        `<?xml version="1.0"?><!DOCTYPE response [<!ENTITY l0 "true">${levels}]>` +
          '<response><returncode>SUCCESS</returncode><running>&l9;</running></response>',
      ),
    );
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({
      code: 'bbb_answer',
      message: expect.stringContaining('declares'),
    });
  });

  it('stops reading an answer that is too large', async () => {
    let sent = 0;
    server.replace((_, response) => {
      const chunk = '<running>true</running>'.repeat(2_000);
      const more = () => {
        while (!response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on('drain', more);
      more();
    });
    const error = await errorOf(client({ maxAnswerBytes: 200_000 }).isMeetingRunning('biology'));
    expect(error).toMatchObject({ code: 'bbb_answer', message: expect.stringContaining('larger than 200000 bytes') });
    // What the sockets' buffers take is beyond what is read.
    expect(sent).toBeLessThan(50_000_000);
  });

  it('gives up an answer that comes drop by drop', async () => {
    server.replace((_, response) => {
      response.write('<response>');
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const error = await errorOf(client({ timeoutMs: 150 }).isMeetingRunning('biology'));
    expect(error).toMatchObject({ code: 'bbb_unreachable', reason: 'timeout' });
  });

  it('is not misled by a comment into what is declared', async () => {
    server.replace((_, response) =>
      response.end(
        '<!-- <![CDATA[ --><!DOCTYPE response [<!ENTITY x SYSTEM "file:///etc/hostname">]><!-- ]]> -->' +
          '<response><returncode>SUCCESS</returncode><running>&x;</running></response>',
      ),
    );
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({
      code: 'bbb_answer',
      message: expect.stringContaining('declares'),
    });
  });

  it.each(['<!--', '<![CDATA['])('refuses many %s without an end in no time', async (beginning) => {
    const declared =
      '<!DOCTYPE response [<!ENTITY x "true">]><response><returncode>SUCCESS</returncode><running>&x;</running></response>';
    server.replace((_, response) => response.end(beginning.repeat(200_000) + declared));
    const begun = performance.now();
    expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({ code: 'bbb_answer' });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('follows no redirect', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('<response><returncode>SUCCESS</returncode><running>false</running></response>');
    });
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    try {
      const { port } = other.address() as AddressInfo;
      server.replace((request, response) =>
        response.writeHead(302, { location: `http://localhost:${port}${request.url ?? ''}` }).end(),
      );
      expect(await errorOf(client().isMeetingRunning('biology'))).toMatchObject({ code: 'bbb_answer', status: 302 });
      expect(asked).toEqual([]);
    } finally {
      await new Promise((closed) => other.close(closed));
    }
  });
});

const meeting = (externalId: string) => ({
  externalId,
  internalId: expect.stringMatching(/^[0-9a-f]{40}-1795471485962$/),
  running: true,
  createdAt: 1_795_471_485_962,
  endedAt: null,
  participants: 2,
  isBreakout: false,
});

describe('getMeetings', () => {
  it('tells all meetings, and nothing of who is in them', async () => {
    expect(await client().getMeetings()).toEqual([]);
    server.running.add('algebra & "geometry" <1>');
    expect(await client({ algorithm: 'sha256' }).getMeetings()).toEqual([meeting('algebra & "geometry" <1>')]);
    server.running.add('007');
    expect(await client().getMeetings()).toEqual([meeting('algebra & "geometry" <1>'), meeting('007')]);
    expect(server.calls.every(({ name, parameters }) => name === 'getMeetings' && parameters.size === 0)).toBe(true);
  });

  it.each([
    ['no list', '<x/>'],
    ['a text for a list', '<meetings>some</meetings>'],
    ['a meeting that is a text', '<meetings><meeting>one</meeting></meetings>'],
    ['a meeting that tells nothing', '<meetings><meeting><meetingID>m</meetingID></meeting></meetings>'],
  ])('fails for %s', async (_what, content) => {
    server.replace((_, response) => response.end(`<response><returncode>SUCCESS</returncode>${content}</response>`));
    expect(await errorOf(client().getMeetings())).toMatchObject({ code: 'bbb_answer', call: 'getMeetings' });
  });

  it('tells the key of a refusal', async () => {
    expect(await errorOf(client({ secret: 'another' }).getMeetings())).toMatchObject({ messageKey: 'checksumError' });
  });
});

describe('getMeetingInfo', () => {
  it('tells one meeting', async () => {
    server.running.add('biology');
    expect(await client().getMeetingInfo('biology')).toEqual(meeting('biology'));
  });

  it('tells of a meeting that the server does not know by the key of the refusal', async () => {
    const error = await errorOf(client().getMeetingInfo('biology'));
    expect(error).toMatchObject({ code: 'bbb_failed', messageKey: 'notFound', call: 'getMeetingInfo' });
  });

  it('fails where a number is none', async () => {
    server.replace((_, response) =>
      response.end(
        '<response><returncode>SUCCESS</returncode><meetingID>m</meetingID><internalMeetingID>i</internalMeetingID>' +
          '<running>true</running><createTime>soon</createTime><participantCount>1</participantCount></response>',
      ),
    );
    expect(await errorOf(client().getMeetingInfo('m'))).toMatchObject({
      code: 'bbb_answer',
      message: expect.stringContaining('createTime'),
    });
  });
});

describe('a client', () => {
  it('is not made without a secret', () => {
    expect(() => client({ secret: '' })).toThrow(expect.objectContaining({ code: 'empty_secret' }));
  });

  it('shows nothing of its secret when it is printed', async () => {
    const { inspect } = await import('node:util');
    expect(inspect(client(), { depth: 9, showHidden: true })).not.toContain(SECRET);
  });
});

describe('the calls about hooks', () => {
  it('make, list and remove hooks', async () => {
    expect(await client().listHooks()).toMatchObject({ hooks: [] });
    const url = 'https://here.example.org/x?mid=a%26b&sig=1';
    const made = await client().createHook({ callbackUrl: url, meetingId: 'a & b', eventNames: ['user-joined', 'user-left'] });
    expect(made).toEqual({ hookId: '1', duplicate: false });
    expect(await client().createHook({ callbackUrl: url, meetingId: null, eventNames: [] })).toEqual({
      hookId: '1',
      duplicate: true,
    });
    await client().createHook({ callbackUrl: `${url}2`, meetingId: null, eventNames: [] });
    expect((await client().listHooks()).hooks).toEqual([
      {
        hookId: '1',
        callbackUrl: url,
        meetingId: 'a & b',
        eventNames: ['user-joined', 'user-left'],
        permanent: false,
        raw: false,
      },
      { hookId: '2', callbackUrl: `${url}2`, meetingId: null, eventNames: [], permanent: false, raw: false },
    ]);
    expect(await client().destroyHook('1')).toBe(true);
    expect(await client().destroyHook('1')).toBe(false);
    expect((await client().listHooks()).hooks).toHaveLength(1);
  });

  it('tell how far the clocks are apart', async () => {
    expect(Math.abs((await client().listHooks()).clockAheadMs ?? Number.NaN)).toBeLessThan(60_000);
    server.replace((_, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
      response.end('<response><returncode>SUCCESS</returncode><hooks/></response>');
    });
    expect((await client().listHooks()).clockAheadMs).toBeGreaterThan(3_500_000);
  });

  it.each([
    ['a list that is none', '<hooks>none</hooks>'],
    ['a hook without an id', '<hooks><hook><callbackURL>x</callbackURL></hook></hooks>'],
    ['a hook without a URL', '<hooks><hook><hookID>1</hookID></hook></hooks>'],
  ])('refuse %s', async (_what, content) => {
    server.replace((_, response) => response.end(`<response><returncode>SUCCESS</returncode>${content}</response>`));
    expect(await errorOf(client().listHooks())).toMatchObject({ code: 'bbb_answer', call: 'hooks/list' });
  });

  it('tell the key of a refusal', async () => {
    const other = client({ secret: 'another' });
    const made = other.createHook({ callbackUrl: 'https://here.example.org', meetingId: null, eventNames: [] });
    expect(await errorOf(made)).toMatchObject({ messageKey: 'checksumError', call: 'hooks/create' });
    expect(await errorOf(other.destroyHook('1'))).toMatchObject({ messageKey: 'checksumError', call: 'hooks/destroy' });
  });
});
