import { mentions } from '@bbb-activity/store/mentions';
import { describe, expect, it } from 'vitest';

describe('a text that cannot be read mentions a word', () => {
  it.each([
    ['as a value of JSON', '{"external-user-id":"42","x', ['42']],
    ['as an element of XML', '<userID>42</userID', ['42']],
    ['as a field of a form', 'userID=42&username=Ada', ['42']],
    ['in a form, encoded', 'event=%7B%22name%22%3A%22Ren%C3%A9e+O%27Neil%22', ["Renée O'Neil"]],
    ['beside encoding that is cut', 'name=Ada&x=%E', ['Ada']],
    ['with signs that mean something to a pattern', 'id=a.b*(c)[d]-e', ['a.b*(c)[d]-e']],
    ['as one of several', 'w_ada1', ['x', 'w_ada1']],
  ])('%s', (_how, text, words) => {
    expect(mentions(text, words)).toBe(true);
  });

  it.each([
    ['within a longer number', '"ts":174217', ['42']],
    ['within a longer id', 'w_42_camera and 42-7', ['42']],
    ['with letters of any script around it', 'ÅAdaé', ['Ada']],
    ['in none of many words', 'nobody', ['Ada', '42']],
    ['spelled as a pattern', 'aXb', ['a.b']],
    ['at all, where there is no word', 'anything', []],
  ])('not %s', (_how, text, words) => {
    expect(mentions(text, words)).toBe(false);
  });
});
