import { UnreadableDeliveryError } from '@bbb-activity/events/unreadable-delivery';
import { describe, expect, it } from 'vitest';
import { bbbEvent, formBody, MEETING, RECEIVED_AT, read, readOne, TS, USER } from './deliveries.js';
import { RECORDED_CHAT_MESSAGE, RECORDED_MEETING_CREATED, RECORDED_USER_JOINED } from './recorded-bodies.js';

const JOINED = {
  accessUrlId: 1,
  kind: 'joined',
  at: TS,
  meeting: { internalId: 'int-1', externalId: 'ext-1' },
  person: { internalId: 'w_1', externalId: '42', name: 'Ada' },
  details: {},
};

describe('a recorded delivery', () => {
  it('of a joined person', () => {
    const delivery = read(RECORDED_USER_JOINED, { contentType: 'application/x-www-form-urlencoded;charset=UTF-8' });
    expect(delivery).toEqual({
      events: [
        {
          identity: expect.stringMatching(/^[0-9a-f]{64}$/),
          accessUrlId: 1,
          kind: 'joined',
          name: 'user-joined',
          at: 1795471486914,
          meeting: { internalId: '00fb86738b42c835484f3e32248c1e89af9ed025-1795471485962', externalId: 'chamilo-f03rdfgypobc' },
          person: { internalId: 'w_z7w1qit96bpn', externalId: '43', name: 'Chloé Martin' },
          details: {},
        },
      ],
      timestamp: 1795471486916,
      domain: 'bbb.example.com',
      unknownNames: [],
      malformed: [],
      excess: 0,
      empty: false,
    });
  });

  it('of a created meeting gives its facts without its passwords', () => {
    const event = readOne(RECORDED_MEETING_CREATED);
    expect(event.kind).toBe('meeting_created');
    expect(event.person).toBeNull();
    expect(event.details).toEqual({
      meeting: { title: 'Room chamilo-f03rdfgypobc', isBreakout: false, record: false, voiceBridge: '71347' },
    });
  });

  it('of a chat message names its sender, at the time of the event, without its words', () => {
    const event = readOne(RECORDED_CHAT_MESSAGE);
    expect(event).toMatchObject({
      kind: 'message',
      at: 1795471495675,
      person: { internalId: 'w_rknzsmd0tvt9', externalId: '46', name: 'Farah Haddad' },
      details: {},
    });
  });
});

describe('the first form', () => {
  const joined = bbbEvent('user-joined');

  it.each([
    ['an array in a form', formBody([joined])],
    ['one object in a form', formBody(joined)],
    ['a JSON array', JSON.stringify([joined])],
    ['{event: [...]}', JSON.stringify({ event: [joined] })],
    ['{events: [...]}', JSON.stringify({ events: [joined] })],
    ['{event: {...}}', JSON.stringify({ event: joined })],
    ['one JSON object', JSON.stringify(joined)],
    ['the inside of data alone', JSON.stringify(joined.data)],
    ['a byte order mark and white space', `\ufeff \r\n${JSON.stringify([joined])}\n`],
    ['the form body as JSON', JSON.stringify({ domain: 'd', event: JSON.stringify([joined]), timestamp: TS })],
  ])('is read from %s', (_, body) => {
    expect(readOne(body)).toMatchObject({ ...JOINED, name: 'user-joined' });
  });

  it.each([null, 'application/json', 'application/x-www-form-urlencoded', 'text/xml', 'text/plain; charset=utf-8', 'nonsense'])(
    'is read whatever content type is told: %s',
    (contentType) => {
      expect(readOne([joined], { contentType })).toMatchObject(JOINED);
      expect(readOne(formBody([joined]), { contentType })).toMatchObject(JOINED);
    },
  );

  it('has its own time, the delivery another', () => {
    const delivery = read({
      events: [bbbEvent('user-joined', USER, {}, { ts: 1715520123 })],
      timestamp: 1715520125,
      domain: 'd',
    });
    expect(delivery.events[0]?.at).toBe(1715520123000);
    expect(delivery.timestamp).toBe(1715520125000);
    expect(delivery.domain).toBe('d');
  });

  it('reads several events of one request, in their order', () => {
    const delivery = read(formBody([joined, bbbEvent('user-audio-unmuted'), bbbEvent('user-left')]));
    expect(delivery.events.map((event) => event.kind)).toEqual(['joined', 'microphone_opened', 'left']);
  });

  it('reads doubled event fields both', () => {
    const body = `event=${encodeURIComponent(JSON.stringify([joined]))}&event=${encodeURIComponent(JSON.stringify(bbbEvent('user-left')))}`;
    expect(read(body).events.map((event) => event.kind)).toEqual(['joined', 'left']);
  });
});

describe('the second form', () => {
  const flat = {
    event: { name: 'user_joined' },
    meetingID: 'ext-1',
    internalMeetingID: 'int-1',
    userID: 42,
    internalUserID: 'w_1',
    username: 'Ada',
    timestamp: TS,
  };
  const { event: _, ...rest } = flat;
  const payload = {
    meeting: { externalMeetingID: 'ext-1', internalMeetingID: 'int-1' },
    user: { externalUserID: '42', internalUserID: 'w_1', name: 'Ada' },
  };
  const xml = `<meetingID>ext-1</meetingID><internalMeetingID>int-1</internalMeetingID><userID>42</userID>
    <internalUserID>w_1</internalUserID><username>Ada</username><timestamp>${TS}</timestamp>`;
  const nestedForm =
    'header[name]=user_joined&payload[meeting][externalMeetingID]=ext-1&payload[meeting][internalMeetingID]=int-1' +
    `&payload%5Buser%5D%5BexternalUserID%5D=42&payload[user][internalUserID]=w_1&payload[user][name]=Ada&timestamp=${TS}`;

  it.each([
    ['flat JSON', JSON.stringify(flat)],
    ['flat JSON with a header', JSON.stringify({ ...rest, header: { name: 'user_joined' } })],
    ['flat JSON with the name alone', JSON.stringify({ ...rest, event: 'user_joined' })],
    ['a list of flat JSON', JSON.stringify([flat])],
    ['nested JSON', JSON.stringify({ header: { name: 'user_joined' }, payload, timestamp: TS })],
    ['nested JSON, the time in its header', JSON.stringify({ header: { name: 'user_joined', timestamp: TS }, payload })],
    ['JSON in a form', formBody([flat])],
    ['XML', `<?xml version="1.0" encoding="UTF-8"?>\n<webhook><event><name>user_joined</name></event>${xml}</webhook>`],
    ['XML with a header', `<!-- c --><message><header><name>user_joined</name></header>${xml}</message>`],
    ['XML whose root is the event', `<event><name>user_joined</name>${xml}</event>`],
    [
      'a form',
      `event=user_joined&meetingID=ext-1&internalMeetingID=int-1&userID=42&internalUserID=w_1&username=Ada&timestamp=${TS}`,
    ],
    ['a nested form', nestedForm],
  ])('is read from %s', (_, body) => {
    expect(readOne(body)).toMatchObject({ ...JOINED, name: 'user_joined' });
  });

  it('is read from a list of XML elements', () => {
    const delivery = read(
      `<events><event><name>user_joined</name>${xml}</event><event><name>user_left</name>${xml}</event></events>`,
    );
    expect(delivery.events.map((event) => event.kind)).toEqual(['joined', 'left']);
  });

  it('tells its emoji flat and nested', () => {
    expect(readOne({ ...flat, event: { name: 'reaction' }, emoji: '👍' }).details).toEqual({ emoji: '👍' });
    expect(readOne({ event: { name: 'reaction' }, payload: { ...payload, emoji: '👍' } }).details).toEqual({ emoji: '👍' });
  });

  it('decodes the references of XML and CDATA, and keeps ids texts', () => {
    const body =
      '<x><event><name>user_joined</name></event><meetingID>007</meetingID><userID>1e5</userID><username>A &amp; B &#233;</username></x>';
    const event = readOne(body);
    expect(event.meeting.externalId).toBe('007');
    expect(event.person).toEqual({ internalId: null, externalId: '1e5', name: 'A & B é' });
    expect(readOne(body.replace('A &amp; B &#233;', '<![CDATA[<b>&amp;]]>')).person?.name).toBe('<b>&amp;');
  });

  it('takes a percent sign that begins no escape for itself', () => {
    expect(readOne('event=user_joined&meetingID=m&userID=1&username=100%+%C3%A9').person?.name).toBe('100% é');
  });
});

describe('what stands around an event', () => {
  it('names the meeting of an event that names none', () => {
    const nameless = { data: { id: 'user-joined', attributes: { user: USER }, event: { ts: TS } } };
    expect(readOne([nameless], { mid: 'room' }).meeting).toEqual({ internalId: null, externalId: 'room' });
    expect(read([nameless], { mid: '' }).malformed).toMatchObject([{ reason: 'no_meeting' }]);
    expect(read([nameless]).malformed).toMatchObject([{ reason: 'no_meeting' }]);
  });

  it('is trusted less than the event', () => {
    expect(readOne([bbbEvent('user-joined')], { mid: 'room' }).meeting).toEqual({ internalId: 'int-1', externalId: 'ext-1' });
    const internalOnly = bbbEvent('user-joined', USER, { meeting: { ...MEETING, 'external-meeting-id': '' } });
    expect(readOne([internalOnly], { mid: 'room' }).meeting).toEqual({ internalId: 'int-1', externalId: null });
  });

  it('tells the time of an event that tells none, else the arrival does', () => {
    const timeless = bbbEvent('user-joined', USER, {}, null);
    expect(readOne(formBody([timeless], TS + 5)).at).toBe(TS + 5);
    expect(readOne([timeless]).at).toBe(RECEIVED_AT);
    expect(readOne({ ...timeless, timestamp: TS + 7 }).at).toBe(TS + 7);
  });

  it('does not suffer from a bad time of the delivery', () => {
    expect(read(`${formBody([bbbEvent('user-joined')], null)}&timestamp=soon`)).toMatchObject({ timestamp: null, malformed: [] });
  });
});

describe('a body', () => {
  it.each(['', ' \n', '\ufeff', '[]', '{"events":[]}', 'event=%5B%5D'])('that tells nothing is empty: %j', (body) => {
    expect(read(body)).toMatchObject({ empty: true, events: [], malformed: [] });
  });

  it.each([
    ['{', 'bad_json'],
    ['[1,', 'bad_json'],
    ['event=%7B%22', 'bad_json'],
    ['{}', 'unknown_form'],
    ['{"a":1}', 'unknown_form'],
    ['hello', 'unknown_form'],
    ['a=1&b=2', 'unknown_form'],
    ['"text"', 'unknown_form'],
    ['null', 'unknown_form'],
    ['<a>', 'bad_xml'],
    ['<a>text</a>', 'bad_xml'],
    ['<a><b>1</b></a>', 'unknown_form'],
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><event><name>user-joined</name></event></a>', 'bad_xml'],
    ['<a><__proto__><b>1</b></__proto__></a>', 'bad_xml'],
    ['event=user_joined&userID=%FF', 'bad_utf8'],
    ['['.repeat(5000) + ']'.repeat(5000), 'too_deep'],
    ['<a>'.repeat(5000) + '</a>'.repeat(5000), 'bad_xml'],
  ])('of no known form is unreadable: %.40s', (body, code) => {
    expect(() => read(body)).toThrow(UnreadableDeliveryError);
    expect(() => read(body)).toThrow(expect.objectContaining({ code }));
  });

  it('that is not UTF-8, or multipart, is unreadable', () => {
    expect(() => read(Buffer.from([0x7b, 0xff]))).toThrow(expect.objectContaining({ code: 'bad_utf8' }));
    expect(() => read('--x', { contentType: 'multipart/form-data; boundary=x' })).toThrow(
      expect.objectContaining({ code: 'unknown_form' }),
    );
  });

  it('takes names of the language for names of fields', () => {
    const body =
      '[{"__proto__":{"data":1},"constructor":{"prototype":{"x":1}},"data":{"__proto__":{"id":"user-left"},"id":"user-joined","attributes":{"meeting":{"external-meeting-id":"m"},"user":{"external-user-id":"1"}}}}]';
    expect(readOne(body)).toMatchObject({ kind: 'joined', meeting: { externalId: 'm' } });
    expect(Reflect.get({}, 'x')).toBeUndefined();
    expect(read('event=user_joined&meetingID=m&userID=1&__proto__[x]=1&constructor[prototype][x]=1').events).toHaveLength(1);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });
});
