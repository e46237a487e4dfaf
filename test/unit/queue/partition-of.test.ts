import { partitionOf } from '@bbb-activity/queue/partition-of';
import fc from 'fast-check';
import { expect, it } from 'vitest';

it('sends known keys to known partitions, for ever', () => {
  const keys = ['', 'a', 'foobar', '1|meeting-1|w_abc', 'é', '😀'];
  expect(keys.map((key) => partitionOf(key, 2 ** 32))).toEqual([
    // The published values of 32-bit FNV-1a for the first three.
    0x811c9dc5, 0xe40c292c, 0xbf9cf968, 1_759_702_689, 513_665_217, 866_293_256,
  ]);
  expect(keys.map((key) => partitionOf(key, 8))).toEqual([5, 4, 0, 1, 1, 0]);
});

it('law: a partition is one of them, and the same for the same key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 256 }), (key, partitions) => {
      const partition = partitionOf(key, partitions);
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      expect(partitionOf(key, partitions)).toBe(partition);
    }),
  );
});

it('spreads the keys of one meeting evenly', () => {
  const counts = new Array<number>(8).fill(0);
  for (let user = 0; user < 8_000; user += 1) {
    const partition = partitionOf(`1|183f0bf3a0982a127bdb8161e0c44eb696b3e75c-1531240585189|w_${user}`, 8);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) expect(count).toBeGreaterThan(700);
});
