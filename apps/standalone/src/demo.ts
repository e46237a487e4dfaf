import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { readPartitionDepths } from '@bbb-activity/queue/partition-depth';
import { Closers } from '@bbb-activity/runtime/closers';
import { createLogger } from '@bbb-activity/telemetry/logger';
import closeWithGrace from 'close-with-grace';
import { playMeetings } from './demo-bbb.js';
import { readDemoMeetings } from './demo-meetings.js';
import { meetingTable } from './demo-table.js';
import { type Standalone, startStandalone } from './start.js';

const HELP = `npm run demo [-- options]
  Starts bbb-activity on an empty store of its own, and beside it a simulated BigBlueButton server. Registers a hook there, lets two recorded
  meetings of a real server happen again, and shows what came out.
  --once     end after that
  --json     print one JSON document instead of tables
  --speed N  1 is the recorded pace (45 s), 0 as fast as possible; default 30
`;
const APPLIED_TIMEOUT_MS = 60_000;

const say = (line: string) => process.stderr.write(`${line}\n`);
const values = readOptions();
const speed = Number(values.speed);
if (values.help) process.stdout.write(HELP);
else if (values.speed.trim() === '' || !(speed >= 0)) {
  say(`--speed must be a number from 0, not ${JSON.stringify(values.speed)}`);
  process.exitCode = 1;
} else await demo();

/** Ends the process where an option is none. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        speed: { type: 'string', default: '30' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(1);
  }
}

async function demo(): Promise<void> {
  const closers = new Closers();
  const end = closeWithGrace({ delay: 20_000 }, async ({ err, manual }) => {
    if (err) say(`the demo failed: ${err.stack ?? err.message}`);
    else if (!manual) say('stopping');
    await closers.close();
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'bbb-activity-demo-'));
  closers.add(() => rm(dataDir, { recursive: true, force: true }));

  const log = createLogger({
    app: 'demo',
    level: readSettings({ LOG_LEVEL: 'warn', ...process.env }, ['LOG_LEVEL']).LOG_LEVEL,
    to: 'stderr',
  });
  const standalone = await startStandalone(ownEnvironment(dataDir), log, (error) => {
    setImmediate(() => {
      throw error;
    });
  });
  closers.add(() => standalone.close());

  await playMeetings(standalone, speed, say);
  await applied(standalone);
  const meetings = await readDemoMeetings(standalone);
  process.stdout.write(values.json ? `${JSON.stringify({ meetings })}\n` : `\n${meetings.map(meetingTable).join('\n\n')}\n\n`);
  if (values.once) end.close();
  else say(serving(standalone));
}

/** What the demo takes from the environment: where it listens and what it logs. All else is its own, and leaves nothing behind. */
function ownEnvironment(dataDir: string): Environment {
  const { HOST, PORT, LOG_LEVEL } = process.env;
  return { HOST, PORT: values.once ? '0' : PORT, LOG_LEVEL, DATA_DIR: dataDir };
}

/** Waits until every accepted event is in its row. */
async function applied({ backend, environment }: Standalone): Promise<void> {
  const partitions = readSettings(environment, ['PARTITIONS']).PARTITIONS;
  const deadline = Date.now() + APPLIED_TIMEOUT_MS;
  for (;;) {
    const depths = await readPartitionDepths(backend, partitions);
    if (depths.every(({ waiting, active }) => waiting + active === 0)) return;
    if (Date.now() > deadline) throw new Error('the events were not applied in time');
    await wait(50);
  }
}

function serving({ address, environment, firstUser }: Standalone): string {
  return [
    `serving on ${address} until Ctrl-C; everything is deleted then.`,
    `  the dashboard: ${address}/ as ${firstUser?.name} with the password ${firstUser?.password}`,
    `  curl -H 'Authorization: Bearer ${environment['ADMIN_TOKEN']}' ${address}/api/meetings`,
    `  API document: ${address}/api/openapi.json (same header)`,
  ].join('\n');
}
