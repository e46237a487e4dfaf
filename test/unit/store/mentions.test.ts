import { type Mentioned, mentionOf } from '@bbb-activity/store/mentions';
import { describe, expect, it } from 'vitest';

const user = (ids: string[], names: string[] = []): Mentioned => ({ sort: 'user', ids, names });
const meeting = (...ids: string[]): Mentioned => ({ sort: 'meeting', ids, names: [] });

describe('a text that cannot be read tells of somebody', () => {
  it.each([
    ['by a field of JSON that is cut', '{"external-user-id":"42","x', user(['42'])],
    ['by a number', '{"userID": 42, ', user(['42'])],
    ['by an element of XML', '<externalUserID>42</userID', user(['42'])],
    ['by an element with a section of text', '<userID><![CDATA[42]]></userID>', user(['42'])],
    ['by a field of a form', 'userID=42&username=Ada', user(['42'])],
    ['by a field in brackets', 'user%5BexternalUserID%5D=42&x', user(['42'])],
    ['by a form that holds JSON', 'event=%7B%22user-id%22%3A%2242%22', user(['42'])],
    ['by JSON within JSON', '{"body":"{\\"userID\\":\\"42\\""', user(['42'])],
    ['by a participant of the modern endpoint', '{"participant_id":"42"', user(['42'])],
    ['as the owner of a meeting', '{"user_id":42', user(['42'])],
    ['by an id with signs that mean something to a pattern', 'userid=a.b*(c)[d]-e', user(['a.b*(c)[d]-e'])],
    ['by a connection, wherever it stands', 'left w_yrtlpqvh1uzn', user(['x', 'w_yrtlpqvh1uzn'])],
    ['by an address, wherever it stands', 'from ada@example.org', user(['ada@example.org'])],
  ])('%s', (_how, text, whom) => {
    expect(mentionOf(text, whom)).toBe('id');
  });

  it.each([
    ['in a field of names', '{"username":"Max"', user(['7'], ['Max'])],
    ['of several words, anywhere', 'hello Ada Lovelace!', user(['7'], ['Ada Lovelace'])],
    ['in a form, encoded', 'event=%7B%22name%22%3A%22Ren%C3%A9e+O%27Neil%22', user(['7'], ["Renée O'Neil"])],
    ['as JSON may write it', '{"name":"Ren\\u00e9e"', user(['7'], ['Renée'])],
    ['as XML may write it', '<name>Ren&#xe9;e &amp; Co</name>', user(['7'], ['Renée & Co'])],
    ['beside encoding that is cut', 'name=Ada&x=%E', user(['7'], ['Ada'])],
  ])('by a name %s', (_how, text, whom) => {
    expect(mentionOf(text, whom)).toBe('name');
  });

  it.each([
    ['a number in another field', '{"count":7,"userID":"8"}', user(['7'])],
    ['a word that is an id of theirs', '{"role":"student"}', user(['student'])],
    ['a short name in a text', 'Max. 7 people', user(['12'], ['Max'])],
    ['an id of a user in a field of a meeting', '{"meetingID":"7"}', user(['7'])],
    ['a number of a room in another field', '{"userID":"7"}', meeting('7')],
  ])('perhaps, by %s', (_how, text, whom) => {
    expect(mentionOf(text, whom)).toBe('loose');
  });

  it.each([
    ['a longer number', '"ts":174217', user(['42'])],
    ['a longer id', 'userID=w_42_camera and userID=42-7', user(['42'])],
    ['an id in other capitals', 'userID=ABC', user(['abc'])],
    ['letters of any script around it', 'ÅAdaé', user(['7'], ['Ada'])],
    ['none of the words', 'nobody', user(['42'], ['Ada'])],
    ['what is spelled as a pattern', 'aXb', user(['a.b'])],
    ['anything, where there is no word', 'anything', user([])],
  ])('not by %s', (_how, text, whom) => {
    expect(mentionOf(text, whom)).toBe('none');
  });

  it('and of a meeting by its own fields', () => {
    for (const text of ['{"internal-meeting-id":"7"', 'meetingID=7', '<externalMeetingID>7<', '{"meeting_id":"7"']) {
      expect(mentionOf(text, meeting('7'))).toBe('id');
    }
  });
});
