import { open, SealedEvidenceError, seal } from '@bbb-activity/events/sealed-evidence';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bbbEvent, KEY, MEETING, read, readOne, TS, USER } from './deliveries.js';

describe('a time', () => {
  const at = (ts: unknown) => readOne([bbbEvent('user-joined', USER, {}, { ts })]).at;

  it.each([
    [1715520123, 1715520123000],
    ['1715520123', 1715520123000],
    [1715520123.4567, 1715520123456],
    [1715520123.457, 1715520123457],
    [1795471486914, 1795471486914],
    [' 1795471486914.9 ', 1795471486914],
    [99_999_999_999, 99_999_999_999_000],
    [100_000_000_000, 100_000_000_000],
    ['2026-11-23T22:04:45.123Z', 1795471485123],
    ['2026-11-24T00:04:45+02:00', 1795471485000],
    ['2026-11-23 22:04:45', 1795471485000],
  ])('%s is %i ms', (ts, expected) => {
    expect(at(ts)).toBe(expected);
  });

  it.each([0, -1, '0', '-5', 'soon', '1e9', 1e300, 253_402_300_800_000, true, {}, [], '2026-13-45T00:00:00Z', 0.0001])(
    '%j is malformed',
    (ts) => {
      expect(read([bbbEvent('user-joined', USER, {}, { ts })]).malformed).toMatchObject([{ reason: 'bad_time' }]);
    },
  );

  it('too large for a number is malformed', () => {
    const text = JSON.stringify([bbbEvent('user-joined')]).replace(String(TS), '1e999');
    expect(read(text).malformed).toMatchObject([{ reason: 'bad_time' }]);
  });

  it('holds: any finite moment of its range survives as seconds and as milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e11, max: 253_402_300_799_999 }), (ms) => {
        expect(at(ms)).toBe(ms);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999_999 }), (ms) => {
        expect(at(ms / 1000)).toBe(ms);
      }),
    );
  });
});

describe('an id', () => {
  const external = (id: unknown) => read([bbbEvent('user-joined', { 'internal-user-id': 'w', 'external-user-id': id })]);

  it.each([
    ['42', '42'],
    [42, '42'],
    [' a b ', 'a b'],
    ['', null],
    ['  ', null],
    [null, null],
    ['é'.repeat(255), 'é'.repeat(255)],
  ])('%j is %j', (id, expected) => {
    expect(external(id).events[0]?.person?.externalId).toBe(expected);
  });

  it.each(['x'.repeat(256), 'a\0b', '\ud800', 2 ** 53, {}, ['42'], true])('%j is malformed, never cut', (id) => {
    expect(external(id)).toMatchObject({ events: [], malformed: [{ reason: 'bad_id' }] });
  });

  it('is bounded in streams, meetings and the hook too', () => {
    const long = 'x'.repeat(256);
    expect(read([bbbEvent('user-cam-broadcast-start', { ...USER, stream: long })]).malformed).toMatchObject([
      { reason: 'bad_id' },
    ]);
    expect(read([bbbEvent('user-joined', USER, { meeting: { 'external-meeting-id': long } })]).malformed).toMatchObject([
      { reason: 'bad_id' },
    ]);
    expect(read([bbbEvent('user-joined', USER, { meeting: {} })], { mid: long }).malformed).toMatchObject([{ reason: 'bad_id' }]);
  });
});

describe('a name', () => {
  const nameOf = (name: unknown) => readOne([bbbEvent('user-joined', { ...USER, name })]).person?.name;

  it('is cut by code points and freed of what cannot be stored', () => {
    expect(nameOf('👍'.repeat(300))).toBe('👍'.repeat(255));
    expect(nameOf(' A\0d\ud800a ')).toBe('Ada');
    expect(nameOf('')).toBeNull();
    expect(nameOf({})).toBeNull();
    expect(nameOf(7)).toBe('7');
  });
});

describe('a malformed event', () => {
  it.each([
    ['no_name', { data: { attributes: {} } }],
    ['no_name', { event: { name: ' ' }, meetingID: 'm' }],
    ['no_name', bbbEvent(7 as unknown as string)],
    ['no_meeting', bbbEvent('user-joined', USER, { meeting: {} })],
    ['no_person', bbbEvent('user-joined', null)],
    ['no_person', bbbEvent('user-left', { 'external-user-id': '', name: 'Ada' })],
    ['no_person', bbbEvent('chat-group-message-sent', null, { 'chat-message': { sender: { name: 'Ada' } } })],
    ['not_an_object', 'text'],
    ['not_an_object', null],
    ['not_an_object', [[]]],
  ])('(%s) loses none of its neighbours and is kept sealed', (reason, event) => {
    const delivery = read([bbbEvent('user-joined'), event, bbbEvent('user-left')]);
    expect(delivery.events.map(({ kind }) => kind)).toEqual(['joined', 'left']);
    const [malformed] = delivery.malformed;
    const kept = JSON.stringify(event);
    expect(delivery.malformed).toMatchObject([{ reason, size: Buffer.byteLength(kept) }]);
    expect(open(malformed?.sealed ?? '', KEY)).toMatchObject({ text: kept, cut: false });
  });

  it('nested too deep loses none of its neighbours', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`);
    const delivery = read([bbbEvent('user-joined', USER, { deep }), bbbEvent('user-left')]);
    expect(delivery).toMatchObject({ events: [{ kind: 'left' }], malformed: [{ reason: 'too_deep' }] });
  });

  it('is what goes beyond the greatest number of events, kept together', () => {
    const events = Array.from({ length: 7 }, (_, index) => bbbEvent('user-joined', { ...USER, name: `N${index}` }));
    const delivery = read(events, { maxEvents: 4 });
    expect(delivery.events).toHaveLength(4);
    expect(delivery).toMatchObject({ excess: 3, malformed: [{ reason: 'too_many_events' }] });
    expect(JSON.parse(open(delivery.malformed[0]?.sealed ?? '', KEY).text)).toEqual(events.slice(4));
  });

  it('does not make an event that only tells of the meeting need a person', () => {
    expect(
      read([bbbEvent('meeting-ended', null), bbbEvent('pad-content', null), bbbEvent('user-emoji-changed', { emoji: 'none' })])
        .malformed,
    ).toEqual([]);
    expect(readOne([{ data: { id: 'meeting-ended', attributes: { meeting: MEETING } } }]).person).toBeNull();
  });
});

describe('sealed evidence', () => {
  it('holds: it opens to what was sealed, seals alike, and shows none of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (array) => {
        const bytes = Buffer.from(array);
        const sealed = seal(bytes, KEY);
        expect(open(sealed, KEY)).toEqual({ bytes, text: bytes.toString('utf8'), cut: false });
        expect(seal(bytes, KEY)).toBe(sealed);
        if (bytes.length > 8) expect(Buffer.from(sealed, 'base64').includes(bytes)).toBe(false);
      }),
    );
  });

  it('is cut at 64 KiB and says so', () => {
    const opened = open(seal('x'.repeat(70_000), KEY), KEY);
    expect(opened.cut).toBe(true);
    expect(opened.bytes).toHaveLength(65_536);
    expect(open(seal('x'.repeat(65_536), KEY), KEY).cut).toBe(false);
  });

  it('does not open with another key, changed, cut short or of another version', () => {
    const sealed = Buffer.from(seal('secret', KEY), 'base64');
    expect(() => open(sealed.toString('base64'), Buffer.alloc(32, 8))).toThrow(SealedEvidenceError);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => open(changed.toString('base64'), KEY)).toThrow(SealedEvidenceError);
      expect(() => open(sealed.subarray(0, at).toString('base64'), KEY)).toThrow(SealedEvidenceError);
    }
  });
});
