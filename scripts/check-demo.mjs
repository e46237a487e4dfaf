// Compares the document that `npm run demo -- --once --json` printed with what the recordings must come to (test/recordings/README.md).
// Usage: node scripts/check-demo.mjs FILE
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { meetings } = read(process.argv[2]);
assert.equal(meetings.length, 2);
for (const name of ['quiet', 'flaky']) {
  const { meeting, expected } = read(new URL(`../test/recordings/${name}.expected.json`, import.meta.url));
  const { participants, status } = meetings.find(({ remoteId }) => remoteId === meeting.extId);
  assert.equal(status, 'ended');
  assert.deepEqual(participants.map(({ externalUserId }) => externalUserId).sort(), Object.keys(expected).sort());
  for (const told of participants) {
    const { online, mic, camera, messages, reactions, breakdown, hands, visits } = expected[told.externalUserId];
    const { sessions, reactionsBreakdown } = told;
    assert.deepEqual(
      { messages: told.messages, reactions: told.reactions, hands: told.hands, sessions, reactionsBreakdown },
      { messages, reactions, hands, sessions: visits, reactionsBreakdown: breakdown },
    );
    for (const [seconds, exact] of [
      [told.onlineSeconds, online],
      [told.microphoneSeconds, mic],
      [told.talkSeconds, mic],
      [told.cameraSeconds, camera],
    ]) {
      // Rounded down, and the recordings are exact to 0.05 s.
      assert.ok(
        seconds >= Math.floor(exact - 0.05) && seconds <= exact + 0.05,
        `${name} ${told.externalUserId}: ${seconds}, not ${exact}`,
      );
    }
  }
}
