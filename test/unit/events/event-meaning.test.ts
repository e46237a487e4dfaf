import type { EventKind } from '@bbb-activity/events/conference-event';
import { eventFilter, kindsOfFilter, passesFilter } from '@bbb-activity/events/event-filter';
import { kindOfName, knownNames } from '@bbb-activity/events/event-names';
import { partitionKeyOf } from '@bbb-activity/events/partition-key';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bbbEvent, MEETING, read, readOne, USER } from './deliveries.js';

/** The documented names, spelled out once more: a name lost from the product's table must not be lost here too. */
const DOCUMENTED: readonly [EventKind, string][] = [
  ['joined', 'user-joined participantjoined user_joined'],
  ['left', 'user-left participantleft user_left'],
  ['talk_started', 'user-talking-started uservoiceactivated user_talking_started audio_talk_started'],
  ['talk_stopped', 'user-talking-stopped uservoicedeactivated user_talking_stopped audio_talk_stopped'],
  ['microphone_opened', 'user-audio-unmuted user-audio-voice-enabled'],
  ['microphone_closed', 'user-audio-muted user-audio-voice-disabled'],
  ['camera_started', 'camera-share-started webcamsharestarted user-cam-broadcast-start camera_share_started'],
  ['camera_stopped', 'camera-share-stopped webcamsharestopped user-cam-broadcast-end camera_share_stopped'],
  ['screenshare_started', 'meeting-screenshare-started'],
  ['screenshare_stopped', 'meeting-screenshare-stopped'],
  ['message', 'chat-message-posted publicchatmessageposted chat-group-message-sent chat_message_posted message_posted'],
  ['reaction', 'user-reaction-changed useremojichanged user-emoji-changed user_reaction_changed reaction'],
  ['hand_raised', 'user-hand-raised userraisedhand user-raise-hand-changed user_hand_raised'],
  ['poll_answered', 'poll-responded'],
  ['meeting_created', 'meeting-created'],
  ['meeting_ended', 'meeting-ended'],
  [
    'noted',
    'meeting-recording-started meeting-recording-stopped user-presenter-assigned user-presenter-unassigned poll-started pad-content transcript-updated rap-published rap-archive-started rap-post-publish-ended',
  ],
];
const NAMES = DOCUMENTED.flatMap(([kind, names]) => names.split(' ').map((name): [string, EventKind] => [name, kind]));
/** Tells whatever any of the names may need. */
const FULL = { ...USER, emoji: '👍', 'raise-hand': true, 'sharing-mic': true, muted: false };

describe('a name', () => {
  it.each(NAMES)('%s means %s, in any case and both forms', (name, kind) => {
    expect(readOne([bbbEvent(name, FULL)])).toMatchObject({ kind, name });
    expect(readOne([bbbEvent(` ${name.toUpperCase()} `, FULL)])).toMatchObject({ kind, name });
    const flat = { event: { name }, meetingID: 'm', userID: '1', emoji: '👍', 'raise-hand': true, 'sharing-mic': true };
    expect(readOne(flat)).toMatchObject({ kind, name });
  });

  it('is in the table only if it is documented, or a step that counts nothing', () => {
    const documented = new Set(NAMES.map(([name]) => name));
    expect(knownNames().filter((name) => !documented.has(name) && kindOfName(name) !== 'noted')).toEqual([]);
  });

  it('that is unknown is counted, fit to be logged, and gives no event', () => {
    const delivery = read([
      bbbEvent('Breakout-Joined'),
      bbbEvent('user-left'),
      bbbEvent(`x y\n${'z'.repeat(200)}`),
      bbbEvent('constructor'),
    ]);
    expect(delivery.unknownNames).toEqual(['breakout-joined', '?', 'constructor']);
    expect(delivery.events).toHaveLength(1);
    expect(delivery.malformed).toEqual([]);
  });
});

describe('the content decides', () => {
  const kindOf = (name: string, user: object, form: 'json' | 'text' = 'json') =>
    readOne([
      bbbEvent(name, {
        ...USER,
        ...(form === 'json' ? user : Object.fromEntries(Object.entries(user).map(([k, v]) => [k, String(v)]))),
      }),
    ]);

  it.each(['json', 'text'] as const)('whether enabled audio opens the microphone (booleans as %s)', (form) => {
    const enabled = (user: object) => kindOf('user-audio-voice-enabled', user, form).kind;
    expect(enabled({ 'sharing-mic': true, muted: false })).toBe('microphone_opened');
    expect(enabled({ 'sharing-mic': true })).toBe('microphone_opened');
    expect(enabled({ 'sharing-mic': true, muted: true })).toBe('noted');
    expect(enabled({ 'sharing-mic': false, 'listening-only': true, muted: false })).toBe('noted');
    expect(enabled({})).toBe('noted');
  });

  it.each(['json', 'text'] as const)('how a hand was told (booleans as %s)', (form) => {
    const hand = (user: object) => kindOf('user-raise-hand-changed', user, form);
    expect(hand({ 'raise-hand': true })).toMatchObject({ kind: 'hand_raised', details: { hand: 'raise' } });
    expect(hand({ 'raise-hand': false })).toMatchObject({ kind: 'noted', details: {} });
    expect(hand({ raiseHand: true })).toMatchObject({ kind: 'hand_raised', details: { hand: 'shadow' } });
    expect(hand({ raiseHand: false }).kind).toBe('noted');
    expect(hand({ 'raise-hand': false, raiseHand: true }).kind).toBe('noted');
    expect(hand({}).kind).toBe('noted');
    expect(kindOf('user-hand-raised', {})).toMatchObject({ kind: 'hand_raised', details: { hand: 'raise' } });
  });

  it('whether an emoji is a reaction, a hand or the end of one', () => {
    const emoji = (value: unknown) => kindOf('user-emoji-changed', { emoji: value });
    expect(emoji('❤️')).toMatchObject({ kind: 'reaction', details: { emoji: '❤️' } });
    expect(emoji('👩‍👩‍👧‍👦').details).toEqual({ emoji: '👩‍👩‍👧‍👦' });
    expect(emoji('raiseHand')).toMatchObject({ kind: 'hand_raised', details: { hand: 'emoji' } });
    for (const ended of ['none', 'None', '', ' ', null, undefined, {}])
      expect(emoji(ended)).toMatchObject({ kind: 'noted', details: {} });
    expect(Array.from(emoji('somebody wrote a whole sentence here').details.emoji ?? '')).toHaveLength(16);
  });

  it('which camera it is, and whose screen', () => {
    expect(kindOf('user-cam-broadcast-start', { stream: 's1' }).details).toEqual({ stream: 's1' });
    expect(kindOf('user-cam-broadcast-end', { stream: '' }).details).toEqual({});
    expect(kindOf('user-cam-broadcast-end', { stream: ['a'] }).details).toEqual({});
    expect(readOne([bbbEvent('user-joined', { ...USER, stream: 's1' })]).details).toEqual({});
    expect(readOne([bbbEvent('meeting-screenshare-started', null)])).toMatchObject({ kind: 'noted', person: null });
    expect(readOne([bbbEvent('meeting-screenshare-stopped')])).toMatchObject({
      kind: 'screenshare_stopped',
      person: { internalId: 'w_1' },
    });
  });

  it('who wrote a message: its sender, else the user', () => {
    const sender = { 'internal-user-id': 'w_2', name: 'Grace', time: 0 };
    expect(readOne([bbbEvent('chat-group-message-sent', USER, { 'chat-message': { sender } })]).person).toEqual({
      internalId: 'w_2',
      externalId: null,
      name: 'Grace',
    });
    expect(readOne([bbbEvent('chat-message-posted', USER, { 'chat-message': { message: 'x' } })]).person?.internalId).toBe('w_1');
    expect(readOne([bbbEvent('chat-message-posted', USER, { 'chat-message': { sender: {} } })]).person?.internalId).toBe('w_1');
  });

  it('what is told of a created meeting', () => {
    const meeting = { ...MEETING, name: 'Group 1', 'is-breakout': 'true', 'parent-id': 'int-0', record: 1, 'voice-conf': 71347 };
    expect(readOne([bbbEvent('meeting-created', null, { meeting })]).details).toEqual({
      meeting: { title: 'Group 1', isBreakout: true, parentInternalId: 'int-0', record: true, voiceBridge: '71347' },
    });
    expect(readOne([bbbEvent('meeting-created', null)]).details).toEqual({});
  });
});

describe('the beginning and the end of a meeting', () => {
  it.each(['meeting-created', 'meeting-ended'])('are nobody’s, also where the sender of %s names a user', (name) => {
    expect(readOne([bbbEvent(name, USER)])).toMatchObject({
      person: null,
      meeting: { internalId: MEETING['internal-meeting-id'] },
    });
    expect(readOne({ event: { name }, meetingID: 'm1', userID: '42', timestamp: 1_715_520_123 })).toMatchObject({ person: null });
  });
});

describe('an event filter', () => {
  it('passes its own names and those of the same kind, and never stops the end of a meeting', () => {
    const filter = eventFilter(['User-Joined', ' participantleft ', 'pad-content', 'unheard-of']);
    if (filter === null) throw new Error('the filter names events');
    expect(kindsOfFilter(filter)).toEqual(new Set(['joined', 'left']));
    const passes = (name: string, kind: EventKind) => passesFilter(filter, { name, kind });
    expect(passes('user_joined', 'joined')).toBe(true);
    expect(passes('user-left', 'left')).toBe(true);
    expect(passes('pad-content', 'noted')).toBe(true);
    expect(passes('poll-started', 'noted')).toBe(false);
    expect(passes('user-audio-muted', 'microphone_closed')).toBe(false);
    expect(passes('meeting-created', 'meeting_created')).toBe(false);
    for (const kind of ['meeting_ended', 'activity', 'meeting_announced', 'recording_announced'] as const)
      expect(passes('x', kind)).toBe(true);
  });

  it('of no names passes everything', () => {
    expect(eventFilter([' ', ''])).toBeNull();
    expect(passesFilter(null, { name: 'x', kind: 'noted' })).toBe(true);
  });
});

describe('the partition key', () => {
  it('is of the internal ids, else the external ones, else of the meeting alone', () => {
    const person = { internalId: 'w', externalId: '42', name: null };
    expect(partitionKeyOf({ accessUrlId: 1, meeting: { internalId: 'i', externalId: 'e' }, person })).toBe('[1,"i","w"]');
    expect(
      partitionKeyOf({ accessUrlId: 1, meeting: { internalId: null, externalId: 'e' }, person: { ...person, internalId: null } }),
    ).toBe('[1,"e","42"]');
    expect(partitionKeyOf({ accessUrlId: 1, meeting: { internalId: 'i', externalId: 'e' }, person: null })).toBe('[1,"i",""]');
  });

  it('holds: different meetings and persons have different keys', () => {
    const pair = fc.tuple(fc.string(), fc.string());
    const key = ([meeting, person]: [string, string]) =>
      partitionKeyOf({
        accessUrlId: 1,
        meeting: { internalId: meeting, externalId: null },
        person: { internalId: person, externalId: null, name: null },
      });
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        expect(key(a) === key(b)).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
    );
  });
});
