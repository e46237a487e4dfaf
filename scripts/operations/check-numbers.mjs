// Compares the people of recorded meetings, as the dashboard tells them, with what they must come to; waits for what is still being counted.
// Usage: node scripts/operations/check-numbers.mjs quiet|flaky...
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const PATIENCE_MS = 60_000;
const [, token] = /^ADMIN_TOKEN=(.*)$/m.exec(readFileSync('/etc/bbb-activity/bbb-activity.env', 'utf8'));
const read = async (path) => {
  const answer = await fetch(`http://127.0.0.1:8081${path}`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, path);
  return answer.json();
};

for (const name of process.argv.slice(2)) {
  const { meeting, expected } = JSON.parse(readFileSync(new URL(`../../test/recordings/${name}.expected.json`, import.meta.url)));
  const deadline = Date.now() + PATIENCE_MS;
  let found;
  while (found === undefined) {
    const { items } = await read('/api/meetings');
    found = items.find(({ remoteId, status }) => remoteId === meeting.extId && status === 'ended');
    assert.ok(Date.now() < deadline, `${name} is not counted to its end`);
    if (found === undefined) await new Promise((next) => setTimeout(next, 200));
  }
  const { items } = await read(`/api/meetings/${found.id}/participants`);
  const told = Object.fromEntries(items.map(({ externalUserId, ...one }) => [externalUserId, one]));
  assert.deepEqual(Object.keys(told).sort(), Object.keys(expected).sort());
  for (const [user, person] of Object.entries(expected)) {
    const { messages, reactions, hands, sessions, onlineSeconds, microphoneSeconds, cameraSeconds } = told[user];
    assert.deepEqual(
      [messages, reactions, hands, sessions],
      [person.messages, person.reactions, person.hands, person.visits],
      user,
    );
    // Rounded down, and the recordings are exact to 0.05 s.
    for (const [seconds, exact] of [
      [onlineSeconds, person.online],
      [microphoneSeconds, person.mic],
      [cameraSeconds, person.camera],
    ])
      assert.ok(seconds >= Math.floor(exact - 0.05) && seconds <= exact + 0.05, `${name} ${user}: ${seconds}, not ${exact}`);
  }
  process.stdout.write(`${name}: ${items.length} people as they must be\n`);
}
