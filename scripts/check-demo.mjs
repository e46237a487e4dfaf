// Checks the document that `npm run demo -- --once --json` printed: usage `node scripts/check-demo.mjs FILE`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { meetings } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
assert.deepEqual(meetings.map(({ participants }) => participants.length).sort(), [6, 8]);
for (const { status, participants } of meetings) {
  assert.equal(status, 'ended');
  for (const { onlineSeconds, online } of participants) assert.ok(onlineSeconds > 0 && !online);
}
