import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BbbCall {
  /** As `isMeetingRunning`. */
  readonly name: string;
  readonly parameters: URLSearchParams;
  /** Of the checksum. */
  readonly algorithm: string;
}

export interface BbbServer {
  /** Ends in `/bigbluebutton`. */
  readonly url: string;
  /** The calls whose checksum was right. */
  readonly calls: readonly BbbCall[];
  forgetCalls(): void;
  /** Names of calls that it refuses. */
  readonly refuse: Set<string>;
  /** Algorithms of checksums that it does not take. */
  readonly refusedAlgorithms: Set<string>;
  /** External ids of meetings of which it takes every callback URL for one that it has. */
  readonly duplicates: Set<string>;
  /** External ids of the meetings that run. */
  readonly running: Set<string>;
  /** In its order. A new one gets the next number as its id. */
  readonly hooks: BbbServerHook[];
  /** Answers in place of the server; back to itself with null. */
  replace(answer: ((request: IncomingMessage, response: ServerResponse) => void) | null): void;
  close(): Promise<void>;
}

export interface BbbServerHook {
  readonly id: string;
  readonly callbackUrl: string;
  readonly meetingId: string | null;
  readonly eventId: string | null;
  readonly permanent: boolean;
}

const ALGORITHMS = new Map([
  [40, 'sha1'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** A BBB server's API as far as the product calls it, on 127.0.0.1. It checks checksums by itself, over the query as it was sent. */
export async function startBbbServer(secret: string): Promise<BbbServer> {
  const calls: BbbCall[] = [];
  const running = new Set<string>();
  const refuse = new Set<string>();
  const refusedAlgorithms = new Set<string>();
  const duplicates = new Set<string>();
  const hooks: BbbServerHook[] = [];
  let nextHook = 1;
  let replaced: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;

  const server = createServer((request, response) => {
    if (replaced !== null) return replaced(request, response);
    response.setHeader('content-type', 'text/xml;charset=utf-8').end(answer(request.url ?? ''));
  });

  function answer(url: string): string {
    const [path = '', query = ''] = url.split('?');
    const name = path.replace('/bigbluebutton/api/', '');
    const [, signed = '', checksum = ''] = /^(.*?)&?checksum=([0-9a-f]*)$/.exec(query) ?? [];
    const algorithm = ALGORITHMS.get(checksum.length);
    const expected = algorithm && createHash(algorithm).update(`${name}${signed}${secret}`).digest('hex');
    if (algorithm === undefined || checksum !== expected || refusedAlgorithms.has(algorithm))
      return failed('checksumError', 'You did not pass the checksum security check');
    const parameters = new URLSearchParams(signed);
    calls.push({ name, parameters, algorithm });
    if (refuse.has(name)) return failed('createHookError', 'An error happened while creating your hook.');
    const meeting = parameters.get('meetingID') ?? '';
    const success = (content: string) => `<response><returncode>SUCCESS</returncode>${content}</response>`;
    if (name === 'isMeetingRunning') return success(`<running>${running.has(meeting)}</running>`);
    if (name === 'getMeetings') {
      if (running.size === 0) return success('<meetings/><messageKey>noMeetings</messageKey><message>no meetings</message>');
      return success(`<meetings>${[...running].map((one) => `<meeting>${meetingXml(one)}</meeting>`).join('')}</meetings>`);
    }
    if (name === 'getMeetingInfo')
      return running.has(meeting) ? success(meetingXml(meeting)) : failed('notFound', 'A meeting with that ID does not exist');
    if (name === 'hooks/list') return success(`<hooks>${hooks.map(hookXml).join('')}</hooks>`);
    if (name === 'hooks/create') return success(createHook(parameters));
    if (name === 'hooks/destroy') {
      const at = hooks.findIndex(({ id, permanent }) => id === parameters.get('hookID') && !permanent);
      if (at < 0) return failed('destroyMissingHook', 'The hook informed was not found.');
      hooks.splice(at, 1);
      return success('<removed>true</removed>');
    }
    return failed('unsupportedRequest', 'This request is not supported.');
  }

  function createHook(parameters: URLSearchParams): string {
    const callbackUrl = parameters.get('callbackURL') ?? '';
    const known = hooks.find((one) => one.callbackUrl === callbackUrl);
    const isDuplicate = known !== undefined || duplicates.has(parameters.get('meetingID') ?? '');
    if (isDuplicate) return `<hookID>${known?.id ?? 'hidden'}</hookID><messageKey>duplicateWarning</messageKey>`;
    const id = String(nextHook);
    nextHook += 1;
    const meetingId = parameters.get('meetingID');
    hooks.push({ id, callbackUrl, meetingId, eventId: parameters.get('eventID'), permanent: false });
    return `<hookID>${id}</hookID><permanentHook>false</permanentHook><rawData>false</rawData>`;
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/bigbluebutton`,
    calls,
    running,
    hooks,
    refuse,
    refusedAlgorithms,
    duplicates,
    forgetCalls: () => void calls.splice(0),
    replace(next) {
      replaced = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function failed(messageKey: string, message: string): string {
  return `<response><returncode>FAILED</returncode><messageKey>${messageKey}</messageKey><message>${message}</message></response>`;
}

function hookXml({ id, callbackUrl, meetingId, eventId, permanent }: BbbServerHook): string {
  const cdata = (text: string) => `<![CDATA[${text}]]>`;
  return (
    `<hook><hookID>${id}</hookID><callbackURL>${cdata(callbackUrl)}</callbackURL>` +
    (meetingId === null ? '' : `<meetingID>${cdata(meetingId)}</meetingID>`) +
    (eventId === null ? '' : `<eventID>${eventId}</eventID>`) +
    `<permanentHook>${permanent}</permanentHook><rawData>false</rawData></hook>`
  );
}

/** As a server writes a meeting that runs. */
function meetingXml(externalId: string): string {
  const name = externalId.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return (
    `<meetingName>${name}</meetingName><meetingID>${name}</meetingID>` +
    `<internalMeetingID>${createHash('sha1').update(externalId).digest('hex')}-1795471485962</internalMeetingID>` +
    '<createTime>1795471485962</createTime><createDate>Mon Nov 23 22:04:45 UTC 2026</createDate><voiceBridge>70066</voiceBridge>' +
    '<attendeePW>word-of-the-viewers</attendeePW><moderatorPW>word-of-the-moderators</moderatorPW><running>true</running>' +
    '<duration>0</duration><hasUserJoined>true</hasUserJoined><recording>false</recording><startTime>1795471486000</startTime>' +
    '<endTime>0</endTime><participantCount>2</participantCount><listenerCount>0</listenerCount><maxUsers>0</maxUsers>' +
    '<attendees><attendee><userID>42</userID><fullName>Ada</fullName></attendee></attendees>' +
    '<metadata><bbb-context><![CDATA[<!DOCTYPE & <b>anything</b>]]></bbb-context></metadata><isBreakout>false</isBreakout>'
  );
}
