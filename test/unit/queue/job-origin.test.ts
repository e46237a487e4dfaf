import { MOST_ORIGINS, originsOf } from '@bbb-activity/queue/job-origin';
import { encodePayload, itemsOf } from '@bbb-activity/queue/job-payload';
import { describe, expect, it } from 'vitest';

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the origins of a job', () => {
  it.each([[['plain']], [['with \u0000']]])(
    'come back as they were told, beside the items, which are the same without them: %j',
    (items) => {
      const from = [{ request: 'a' }, { request: 'b', trace }];
      const data: unknown = JSON.parse(JSON.stringify(encodePayload(items, from)));
      expect(originsOf(data)).toEqual(from);
      expect(itemsOf(data)).toEqual(items);
      expect(encodePayload(items)).not.toHaveProperty('from');
    },
  );

  it.each([[null], [{}], [{ items: [] }], [{ from: 'a' }], [{ from: [{ request: 1 }, null, { request: 'a', trace: 7 }] }]])(
    'are none where a job tells none, or another version or somebody else wrote it: %j',
    (data) => {
      expect(originsOf(data)).toEqual([]);
    },
  );

  it('are bounded, whoever wrote the job', () => {
    const from = Array.from({ length: 100 }, (_, index) => ({ request: String(index) }));
    expect(originsOf({ items: [], from })).toHaveLength(MOST_ORIGINS);
  });
});
