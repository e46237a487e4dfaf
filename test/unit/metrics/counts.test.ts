import { fold } from '@bbb-activity/metrics/fold';
import { describe, expect, it } from 'vitest';
import { joined, raises, reacts, votes, writes } from './events.js';

describe('counts', () => {
  it('take each message, also of one instant, where their identities differ', () => {
    expect(fold([writes(1, 'w_a', 'one'), writes(1, 'w_a', 'two'), writes(1, 'w_a', 'one'), writes(2)], null)).toMatchObject([
      { messages: 3 },
    ]);
  });

  it('take reactions with a breakdown by emoji, and not their end', () => {
    const reactions = [reacts(1, '👍'), reacts(2, '❤️'), reacts(3, '👍'), reacts(4, 'none'), reacts(5, ''), reacts(6, null)];
    expect(fold(reactions, null)).toMatchObject([{ reactions: 3, reactionsBreakdown: { '👍': 2, '❤️': 1 } }]);
  });

  it('take an emoji whose name means something to the language', () => {
    const [session] = fold([reacts(1, '__proto__'), reacts(2, 'constructor'), reacts(3, '__proto__')], null);
    expect(session?.reactions).toBe(3);
    expect(Object.entries(session?.reactionsBreakdown ?? {})).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
    ]);
  });

  it('take answers to polls while the session is open, of any connection', () => {
    expect(fold([joined(0), votes(1), votes(2, 'w_b')], null)).toMatchObject([{ pollAnswers: 2, outAt: null }]);
  });

  it.each([
    ['each raise', [raises(1), raises(2)], 2],
    ['an emoji alone', [raises(1, 'emoji')], 1],
    ['a shadow alone', [raises(1, 'shadow')], 1],
    ['an emoji and its shadow as one', [raises(1, 'emoji'), raises(1, 'shadow')], 1],
    ['an emoji and its shadow of events without a connection as one', [raises(1, 'emoji', null), raises(1, 'shadow', null)], 1],
    ['an emoji and a shadow of different times as two', [raises(1, 'emoji'), raises(2, 'shadow')], 2],
    ['an emoji and a shadow of different connections as two', [raises(1, 'emoji', 'w_a'), raises(1, 'shadow', 'w_b')], 2],
    ['a raise beside an emoji and its shadow', [raises(1), raises(1, 'emoji'), raises(1, 'shadow')], 2],
  ])('of hands take %s', (_, events, hands) => {
    expect(fold(events, null)).toMatchObject([{ hands, reactions: 0 }]);
    expect(fold([...events].reverse(), null)).toMatchObject([{ hands, reactions: 0 }]);
  });

  it('keep a late emoji and its shadow one hand of the session that was left', () => {
    const late = [raises(11, 'shadow'), raises(11, 'emoji')];
    expect(fold([joined(0), { ...joined(10), kind: 'left', identity: 'left' }, ...late], null)).toMatchObject([
      { outAt: 10, hands: 1 },
    ]);
  });
});
