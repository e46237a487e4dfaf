import { kindOfName, knownNames } from '@bbb-activity/events/event-names';
import { readModern } from '@bbb-activity/events/read-modern';
import { UnreadableDeliveryError } from '@bbb-activity/events/unreadable-delivery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bbbEvent, formBody, inputOf, MEETING, read, TS, USER } from './deliveries.js';
import { RECORDED_CHAT_MESSAGE, RECORDED_MEETING_CREATED, RECORDED_USER_JOINED } from './recorded-bodies.js';

const SECRET = 'SECRET';
/** The fields that the product keeps; a secret in one of these is no secret. */
const KEPT = new Set(
  [
    'internal-meeting-id external-meeting-id internal-user-id external-user-id name voice-conf parent-id stream emoji id type ts timestamp',
    'meetingID internalMeetingID externalMeetingID userID internalUserID externalUserID username event header domain',
  ].flatMap((names) => names.split(' ')),
);

/** Everything a real sender tells, and what others might. */
const PRIVATE_USER = {
  ...USER,
  role: 'VIEWER',
  presenter: false,
  'ip-address': '192.0.2.7',
  'user-agent': 'Mozilla/5.0',
  referer: 'https://lms.example.com/',
  'session-token': 'token',
  userdata: { 'bbb-x': 'y' },
  email: 'a@example.com',
  stream: 's',
  emoji: '👍',
  'raise-hand': true,
  'sharing-mic': true,
};
const PRIVATE_MEETING = {
  ...MEETING,
  name: 'Room',
  'moderator-pass': 'mp',
  'viewer-pass': 'ap',
  'dial-number': '613-555-1234',
  'create-date': 'Mon Nov 23',
  metadata: { 'bbb-origin': 'Chamilo' },
};
const PRIVATE_MORE = {
  meeting: PRIVATE_MEETING,
  'chat-message': { id: 'm1', message: 'words', sender: { ...PRIVATE_USER, time: 0 } },
  'chat-id': 'MAIN',
  poll: { id: 'p', question: 'q', answers: [{ id: 1, key: 'k' }], answerIds: [1] },
  pad: { id: 'p', 'external-pad-id': 'n', text: 'words' },
  recording: { name: 'r', metadata: { a: 'b' }, playback: 'p', download: 'd' },
  text: 'words',
};

/** The same, with a secret in place of every leaf that is not kept. */
function plant(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => plant(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plant(inner, name)]));
  }
  return KEPT.has(key) || typeof value === 'boolean' ? value : SECRET;
}

describe('redaction', () => {
  it('lets none of a recorded delivery pass but what the numbers need', () => {
    for (const body of [RECORDED_CHAT_MESSAGE, RECORDED_MEETING_CREATED, RECORDED_USER_JOINED]) {
      const text = JSON.stringify(read(body));
      for (const word of ['private words', '192.0.2.7', 'Mozilla', 'tokx359q0p0', '"mp"', '"ap"', '613-555', 'bbb-origin']) {
        expect(text).not.toContain(word);
      }
    }
  });

  it.each([...knownNames(), 'rap-publish-ended', 'unknown-name'])('lets no secret of a %s pass, in either form', (name) => {
    const planted = plant(bbbEvent(name, PRIVATE_USER, PRIVATE_MORE));
    const flat = plant({
      event: { name, extra: 'x' },
      ...PRIVATE_MORE,
      payload: { ...PRIVATE_MORE, user: PRIVATE_USER },
      meetingID: 'm',
      userID: 'u',
      password: 'p',
      timestamp: TS,
    });
    for (const body of [[planted], formBody([planted]), flat, { events: [planted], token: SECRET }]) {
      const delivery = read(body);
      expect(delivery.malformed).toEqual([]);
      expect(delivery.events).toHaveLength(kindOfName(name) === null ? 0 : 1);
      expect(JSON.stringify(delivery)).not.toContain(SECRET);
    }
  });

  it('lets no secret of XML or a form pass', () => {
    const xml = `<x><event><name>user_joined</name></event><meetingID>m</meetingID><userID>1</userID><password>${SECRET}</password><payload><message>${SECRET}</message></payload></x>`;
    const form = `event=user_joined&meetingID=m&userID=1&password=${SECRET}&payload[message]=${SECRET}`;
    for (const body of [xml, form]) {
      expect(read(body).events).toHaveLength(1);
      expect(JSON.stringify(read(body))).not.toContain(SECRET);
    }
  });

  it('keeps what is malformed only sealed', () => {
    const delivery = read([{ data: { attributes: { message: SECRET } } }, SECRET], { maxEvents: 1 });
    expect(delivery.malformed).toHaveLength(2);
    expect(JSON.stringify(delivery)).not.toContain(SECRET);
  });

  it('holds: no field of any other name passes', () => {
    const name = fc
      .string()
      .filter(
        (text) =>
          !KEPT.has(text) &&
          ![
            'data',
            'attributes',
            'payload',
            'user',
            'meeting',
            'events',
            'raise-hand',
            'raiseHand',
            'sharing-mic',
            'muted',
          ].includes(text),
      );
    fc.assert(
      fc.property(fc.constantFrom(...knownNames()), fc.dictionary(name, fc.constant(SECRET)), (event, extra) => {
        const chat = { 'chat-message': { sender: { ...USER, ...extra } } };
        const body = {
          data: {
            ...extra,
            ...bbbEvent(event, { ...USER, ...extra }, { ...extra, ...chat, meeting: { ...MEETING, ...extra } }).data,
          },
        };
        const flat = {
          ...extra,
          event: { ...extra, name: event },
          meetingID: 'm',
          userID: '1',
          payload: { ...extra, user: extra, meeting: extra },
        };
        expect(JSON.stringify([read(body), read(flat)])).not.toContain(SECRET);
      }),
    );
  });
});

describe('any body', () => {
  const onlyUnreadable = (body: Buffer | string) => {
    const input = inputOf(body, { maxEvents: 3 });
    const modern = { ...input, accessUrlIds: [1], signedSeconds: 1_795_471_485 };
    for (const readBody of [() => read(body, { maxEvents: 3 }), () => readModern(modern)]) {
      try {
        const delivery = readBody();
        expect(JSON.parse(JSON.stringify(delivery))).toEqual(delivery);
      } catch (error) {
        if (!(error instanceof UnreadableDeliveryError)) throw error;
      }
    }
  };
  const runs = { numRuns: 300 };

  it('holds: bytes are read or refused, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => onlyUnreadable(Buffer.from(bytes))),
      runs,
    );
  });

  it('holds: texts that begin like a form of ours are read or refused, nothing else', () => {
    const start = fc.constantFrom('', '{', '[', '<', '<a>', 'event=', 'event=%5B', '{"event":', 'a[b]=', '[{"data":');
    fc.assert(
      fc.property(start, fc.string({ unit: 'binary' }), (begin, text) => onlyUnreadable(begin + text)),
      runs,
    );
  });

  it('holds: JSON of our own names in any shape is read or refused, nothing else', () => {
    const names =
      'data event events header name id attributes meeting user payload meetingID userID timestamp ts emoji chat-message sender provider meeting_id action participant_id record __proto__ internal-meeting-id internal-user-id';
    const words = fc.constantFrom(
      'user-joined',
      'user-emoji-changed',
      'meeting-created',
      'user-raise-hand-changed',
      '[]',
      '{}',
      'join',
      '',
    );
    const leaf = fc.oneof(words, fc.jsonValue({ maxDepth: 1 }), fc.string({ unit: 'binary' }));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...names.split(' ')), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => onlyUnreadable(JSON.stringify(value))),
      { numRuns: 1000 },
    );
  });
});
