import { type ModernInput, readModern } from '@bbb-activity/events/read-modern';
import { describe, expect, it } from 'vitest';
import { bbbEvent, inputOf, TS, USER } from './deliveries.js';

const SIGNED = 1_795_471_485;
const OWN = { provider: 'bbb', meeting_id: 'room' };

function read(body: unknown, change: Partial<ModernInput> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readModern({ ...inputOf(text), accessUrlIds: [1], signedSeconds: SIGNED, ...change });
}

function readOne(body: unknown, change: Partial<ModernInput> = {}) {
  const { events } = read(body, change);
  expect(events).toHaveLength(1);
  const [event] = events;
  if (event === undefined) throw new Error('no event');
  return event;
}

describe("Chamilo's own form", () => {
  it('announces a meeting with the facts it tells, at the time of signing', () => {
    const told = {
      internal_meeting_id: 'int-1',
      title: 'Room',
      status: 1,
      closed_at: '2026-11-23 22:04:45',
      record: 'true',
      voice_bridge: 71347,
      video_url: 'https://bbb.example.com/join',
      visibility: '1',
      c_id: 3,
      session_id: 0,
      group_id: null,
      user_id: '42',
      calendar_id: '',
      access_url_id: '2',
    };
    expect(readOne({ ...OWN, ...told }, { accessUrlIds: [1, 2] })).toEqual({
      identity: expect.stringMatching(/^[0-9a-f]{64}$/),
      accessUrlId: 2,
      kind: 'meeting_announced',
      name: 'meeting_announced',
      at: SIGNED * 1000,
      meeting: { internalId: 'int-1', externalId: 'room' },
      person: null,
      details: {
        signedSeconds: SIGNED,
        meeting: {
          provider: 'bbb',
          title: 'Room',
          status: '1',
          closedAt: 1795471485000,
          record: true,
          voiceBridge: '71347',
          videoUrl: 'https://bbb.example.com/join',
          visibility: 1,
          courseId: 3,
          sessionId: 0,
          userId: 42,
        },
      },
    });
  });

  it('is read from a form as from JSON', () => {
    const form = readOne('provider=bbb&meeting_id=room&title=R+%C3%A9&record=0&c_id=3');
    expect(form.details.meeting).toEqual({ provider: 'bbb', title: 'R é', record: false, courseId: 3 });
  });

  it('announces a meeting that it only names', () => {
    expect(readOne(OWN)).toMatchObject({ kind: 'meeting_announced', accessUrlId: 1, details: { meeting: { provider: 'bbb' } } });
  });

  it('announces the same facts anew when they are signed anew', () => {
    const identity = (signedSeconds: number) => readOne({ ...OWN, title: 'A' }, { signedSeconds }).identity;
    expect(identity(1)).toBe(identity(1));
    expect(identity(1)).not.toBe(identity(2));
  });

  it('announces a recording', () => {
    expect(readOne({ ...OWN, recording_url: 'https://bbb.example.com/r', format_type: 'video' })).toMatchObject({
      kind: 'recording_announced',
      person: null,
      details: { recording: { url: 'https://bbb.example.com/r', formatType: 'video' }, signedSeconds: SIGNED },
    });
  });

  it('makes join and leave of a participant joined and left', () => {
    expect(readOne({ ...OWN, participant_id: 42, action: 'join', timestamp: 1715520123 })).toMatchObject({
      kind: 'joined',
      name: 'join',
      at: 1715520123000,
      person: { internalId: null, externalId: '42', name: null },
      details: {},
    });
    expect(readOne({ ...OWN, participant_id: '42', action: 'LEAVE', in_at: 1, out_at: 1715520125 })).toMatchObject({
      kind: 'left',
      at: 1715520125000,
    });
    expect(readOne({ ...OWN, participant_id: '42', action: 'join', event: 'x' }).at).toBe(SIGNED * 1000);
  });

  it('makes any other activity a row of its own', () => {
    const told = {
      participant_id: '42',
      event: 'Quiz-Done',
      type: 'quiz',
      in_at: 1715520123,
      out_at: '1715520125',
      close: 1,
      activity_data: { score: 3 },
      signature_file: 'sig.png',
      signed_at: 1715520126,
    };
    expect(readOne({ ...OWN, ...told })).toMatchObject({
      kind: 'activity',
      name: 'quiz-done',
      at: 1715520123000,
      person: { externalId: '42' },
      details: {
        activity: {
          event: 'Quiz-Done',
          type: 'quiz',
          inAt: 1715520123000,
          outAt: 1715520125000,
          close: true,
          activityData: '{"score":3}',
          signatureFile: 'sig.png',
          signedAt: 1715520126000,
        },
      },
    });
    expect(readOne({ ...OWN, participant_id: '42', type: 'quiz' }).details.activity).toMatchObject({
      event: 'quiz',
      type: 'quiz',
    });
  });

  it('takes the same meeting, participant, action and time for the same join or leave, whatever else it tells', () => {
    const join = { ...OWN, participant_id: '42', action: 'join', timestamp: TS };
    const identity = (change: object, input: Partial<ModernInput> = {}) =>
      read({ ...join, ...change }, input).events.at(-1)?.identity;
    const known = identity({});
    expect(identity({ title: 'T', type: 'y' }, { signedSeconds: 1, requestId: 'r' })).toBe(known);
    expect(identity({ timestamp: undefined, in_at: TS })).toBe(known);
    for (const change of [
      { meeting_id: 'other' },
      { internal_meeting_id: 'room' },
      { participant_id: '43' },
      { action: 'leave' },
      { timestamp: TS + 1 },
    ]) {
      expect(identity(change)).not.toBe(known);
    }
    expect(identity({ access_url_id: 2 }, { accessUrlIds: [2] })).not.toBe(known);
  });

  it('keeps both of two activities of one participant, event and time that tell different things, and one that is told twice once', () => {
    const activity = { ...OWN, participant_id: '42', event: 'quiz', timestamp: TS };
    const identity = (change: object, input: Partial<ModernInput> = {}) =>
      read({ ...activity, ...change }, input).events.at(-1)?.identity;
    expect(identity({}, { requestId: 'a retry' })).toBe(identity({}));
    expect(identity({ out_at: TS + 5_000, close: true })).not.toBe(identity({}));
    expect(identity({}, { signedSeconds: 2 })).not.toBe(identity({}));
    expect(read(activity, { signedSeconds: 7 }).events.at(-1)?.details.signedSeconds).toBe(7);
  });

  it('is of the access URL that it tells, among those whose key signed it, else of the only one', () => {
    expect(read(OWN, { accessUrlIds: [7] })).toMatchObject({ accessUrlId: 7, events: [{ accessUrlId: 7 }] });
    expect(read({ ...OWN, access_url_id: 7 }, { accessUrlIds: [1, 7] })).toMatchObject({ accessUrlId: 7 });
    const wrong = { code: 'wrong_access_url', field: 'access_url_id' };
    expect(() => read({ ...OWN, access_url_id: 2 }, { accessUrlIds: [1, 7] })).toThrow(expect.objectContaining(wrong));
    const untold = { code: 'missing_field', field: 'access_url_id' };
    expect(() => read(OWN, { accessUrlIds: [1, 7] })).toThrow(expect.objectContaining(untold));
    const event = bbbEvent('user-joined');
    expect(() => read([event], { accessUrlIds: [1, 7] })).toThrow(expect.objectContaining(untold));
    expect(read([event], { accessUrlIds: [7] })).toMatchObject({ accessUrlId: 7, events: [{ accessUrlId: 7 }] });
  });

  it('gives several events where it tells several things', () => {
    const body = { ...OWN, title: 'T', recording_url: 'https://h/r', participant_id: '42', action: 'join' };
    expect(read(body).events.map(({ kind }) => kind)).toEqual(['meeting_announced', 'recording_announced', 'joined']);
    expect(read({ ...OWN, participant_id: '42', action: 'join' }).events.map(({ kind }) => kind)).toEqual(['joined']);
  });

  it.each([
    [{ meeting_id: 'room' }, 'provider'],
    [{ provider: 'bbb' }, 'meeting_id'],
    [{ provider: '', meeting_id: 'room' }, 'provider'],
    [{ title: 'x' }, 'provider'],
    [{ ...OWN, action: 'join' }, 'participant_id'],
    [{ ...OWN, event: 'quiz' }, 'participant_id'],
    [{ ...OWN, participant_id: '42' }, 'event'],
  ])('%j lacks %s', (body, field) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'missing_field', field }));
  });

  it.each([
    ['record', 'maybe'],
    ['record', 2],
    ['closed_at', 'soon'],
    ['c_id', '1.5'],
    ['c_id', -1],
    ['c_id', 2_147_483_648],
    ['access_url_id', 0],
    ['title', { a: 1 }],
    ['title', 'x'.repeat(256)],
    ['recording_url', 'javascript:alert(1)'],
    ['recording_url', 'nowhere'],
    ['video_url', ['https://h/']],
    ['meeting_id', 'x'.repeat(256)],
    ['internal_meeting_id', true],
    ['provider', 'x'.repeat(65)],
  ])('%s = %j is a wrong field, named', (field, value) => {
    expect(() => read({ ...OWN, [field]: value })).toThrow(expect.objectContaining({ code: 'bad_field', field }));
  });

  it.each([
    ['timestamp', 0],
    ['in_at', 'x'],
    ['close', 'perhaps'],
    ['type', []],
    ['activity_data', 'x'.repeat(65_537)],
  ])('%s = %j of an activity is a wrong field, named', (field, value) => {
    expect(() => read({ ...OWN, participant_id: '1', event: 'e', [field]: value })).toThrow(
      expect.objectContaining({ code: 'bad_field', field }),
    );
  });

  it('refuses an action that is neither join nor leave where no event is told', () => {
    expect(() => read({ ...OWN, participant_id: '1', action: 'dance' })).toThrow(
      expect.objectContaining({ code: 'bad_field', field: 'action' }),
    );
    expect(readOne({ ...OWN, participant_id: '1', action: 'dance', event: 'e' }).kind).toBe('activity');
  });
});

describe('an event form at the modern endpoint', () => {
  it('is read as elsewhere', () => {
    expect(readOne([bbbEvent('user-joined')])).toMatchObject({ kind: 'joined', at: TS });
    expect(readOne({ event: { name: 'user_joined' }, meetingID: 'm', userID: '1' })).toMatchObject({ kind: 'joined' });
    expect(readOne('<x><event><name>user_joined</name></event><meetingID>m</meetingID><userID>1</userID></x>').kind).toBe(
      'joined',
    );
  });

  it('without a time takes that of the signature, so that a retry of it is the same event', () => {
    const timeless = [bbbEvent('user-joined', USER, {}, null)];
    const event = readOne(timeless);
    expect(event.at).toBe(SIGNED * 1000);
    expect(readOne(timeless, { requestId: 'retry', receivedAt: 5 }).identity).toBe(event.identity);
  });

  it('that is empty tells nothing, and that is no form at all is unreadable', () => {
    expect(read('').empty).toBe(true);
    expect(() => read('[')).toThrow(expect.objectContaining({ code: 'bad_json' }));
    expect(() => read('<a/>')).toThrow(expect.objectContaining({ code: 'bad_xml' }));
  });
});
