// Opens the exports with LibreOffice Calc and compares every cell: numbers must be numbers, times times, durations durations, and all else the text that it
// was; nothing may have become a formula. The exports are those of both recordings, and of a meeting whose people have names made to do harm in a spreadsheet
// (docs/dashboard.md, "Exports"). Needs Debian's `libreoffice-calc`.
// Usage: npm run check:libreoffice
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startStandalone } from '@bbb-activity/app-standalone/start';
import { readRecording } from '@bbb-activity/simulator/recording';
import { recordingPath } from '@bbb-activity/simulator/recording-path';
import { tellEvents } from '@bbb-activity/simulator/tell-events';
import { recordedMeeting } from '@bbb-activity/simulator/told-meeting';
import { createLogger } from '@bbb-activity/telemetry/logger';
import { parse } from 'csv-parse/sync';
import { cellsOf } from './libreoffice/cells.mjs';

const run = promisify(execFile);
const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const RECORDINGS = ['quiet', 'flaky'];
const SEPARATORS = { comma: ',', semicolon: ';', tab: '\t' };
const NAMES = [
  '=1+1',
  '+1+1',
  '-2',
  '@SUM(A1)',
  '=HYPERLINK("http://x")',
  'a "b", c; d',
  'Zoë Nuñez',
  '李雷 👩‍🏫',
  "'quoted",
  'two  spaces',
];
/** What a column holds; the others hold text. */
const NUMBERS = /(_seconds|_share|^sessions?|^messages|^reactions|^hands|^poll_answers|^meeting_id|^access_url_id)$/;
const TIMES = /_utc$/;
const DURATIONS = /^(online|talk|microphone|camera|screenshare|meeting_duration)$/;

const dir = await mkdtemp(join(tmpdir(), 'bbb-activity-libreoffice-'));
const log = createLogger({ app: 'check', level: 'warn', to: 'stderr' });
const environment = { DATA_DIR: join(dir, 'data'), PORT: '0', PUBLIC_URL: '' };
const standalone = await startStandalone(environment, log, (error) => {
  setImmediate(() => {
    throw error;
  });
});
let compared = 0;
const wrong = [];
try {
  await tellMeetings();
  for (const [separator, delimiter] of Object.entries(SEPARATORS)) {
    const files = [];
    for (const rows of ['participant', 'session'])
      files.push(await exported(`${rows}s-${separator}`, `export?rows=${rows}&separator=${separator}`));
    for (const { name, written, read } of await opened(files, delimiter)) compare(name, written, read);
  }
  await compareRecordings();
} finally {
  await standalone.close();
  await rm(dir, { recursive: true, force: true });
}
for (const one of wrong.slice(0, 20)) process.stdout.write(`${one}\n`);
const { stdout: version } = await run('soffice', ['--version']);
process.stdout.write(`${version.trim()}: ${compared} cells compared, ${wrong.length} wrong\n`);
if (wrong.length > 0) process.exitCode = 1;

/** Both recordings as they happened, and a day and more of a meeting with hostile names. */
async function tellMeetings() {
  const keys = { target: standalone.address, sharedSecret: standalone.environment.BBB_SECRET };
  for (const name of RECORDINGS) await tellEvents(keys, recordedMeeting(await readRecording(recordingPath(name))));
  const startsAt = Date.UTC(2026, 0, 5, 8);
  const meeting = { 'internal-meeting-id': 'strange-run', 'external-meeting-id': '=room' };
  const event = (id, ts, attributes) => ({ data: { type: 'event', id, attributes: { meeting, ...attributes }, event: { ts } } });
  const joins = NAMES.map((name, index) =>
    event('user-joined', startsAt + index * SECOND_MS, {
      user: { 'internal-user-id': `w_${index}`, 'external-user-id': `user-${index}`, name },
    }),
  );
  const created = event('meeting-created', startsAt - SECOND_MS, { meeting: { ...meeting, name: '=1+1;"x"' } });
  const ended = event('meeting-ended', startsAt + 27 * HOUR_MS + 189 * SECOND_MS, {});
  await tellEvents(keys, [created, ...joins, ended]);
  for (;;) {
    const { items } = await (await asked('meetings')).json();
    if (items.length === RECORDINGS.length + 1 && items.every(({ running, participants }) => !running && participants > 0))
      return;
    await wait(200);
  }
}

async function asked(path) {
  const headers = { authorization: `Bearer ${standalone.environment.ADMIN_TOKEN}` };
  const response = await fetch(`${standalone.address}/api/${path}`, { headers });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  return response;
}

async function exported(name, path) {
  const file = join(dir, `${name}.csv`);
  await writeFile(file, Buffer.from(await (await asked(path)).arrayBuffer()));
  return file;
}

/** As its dialog of a CSV has it: this separator, UTF-8, and special numbers (times, durations) recognised. Gives the cells as written and as read. */
async function opened(files, delimiter) {
  const filter = `CSV:${delimiter.charCodeAt(0)},34,76,1,,0,false,true`;
  const profile = `-env:UserInstallation=${pathToFileURL(join(dir, 'profile')).href}`;
  await run('soffice', [profile, '--headless', `--infilter=${filter}`, '--convert-to', 'fods', '--outdir', dir, ...files]);
  const sheets = files.map(async (file) => ({
    name: basename(file, '.csv'),
    written: parse(await readFile(file), { bom: true, delimiter }),
    read: cellsOf(await readFile(file.replace(/csv$/, 'fods'), 'utf8')),
  }));
  return Promise.all(sheets);
}

function compare(name, written, read) {
  const [head] = written;
  if (read.length !== written.length) wrong.push(`${name}: ${read.length} rows of ${written.length}`);
  for (const [line, row] of written.entries()) {
    for (const [column, text] of row.entries()) {
      const problem = problemOf(line === 0 ? '' : head[column], text, read[line]?.[column]);
      compared += 1;
      if (problem !== null) wrong.push(`${name}, row ${line + 1}, ${head[column]}: ${JSON.stringify(text)} ${problem}`);
    }
  }
}

/** What is wrong with a cell that was written as this text; null where nothing is. */
function problemOf(column, text, cell) {
  if (text === '') return (cell?.type ?? null) === null ? null : 'is not empty';
  if (cell === undefined) return 'is missing';
  if (cell.formula !== null) return `became the formula ${cell.formula}`;
  const is = (type, value) =>
    cell.type === type && cell.value === value ? null : `became ${cell.type} ${JSON.stringify(cell.value)}`;
  if (NUMBERS.test(column)) return is('float', String(Number(text)));
  if (TIMES.test(column)) return is('date', text.replace(' ', 'T'));
  const [hours, minutes, seconds] = text.split(':');
  if (DURATIONS.test(column)) return is('time', `PT${hours}H${minutes}M${seconds}S`);
  // What is a number, such as most ids, is one also where it names something.
  return /^(0|[1-9]\d*)$/.test(text) ? is('float', text) : is('string', text);
}

/** What Calc reads of each person is what the script of the recorded meeting tells (test/recordings/README.md). */
async function compareRecordings() {
  const expected = await Promise.all(
    RECORDINGS.map(async (name) =>
      JSON.parse(await readFile(new URL(`../test/recordings/${name}.expected.json`, import.meta.url), 'utf8')),
    ),
  );
  const files = [];
  for (const { meeting } of expected) files.push(await exported(meeting.extId, `export?remoteId=${meeting.extId}`));
  for (const [index, { name, read }] of (await opened(files, ',')).entries()) comparePeople(name, expected[index].expected, read);
}

function comparePeople(name, people, [head, ...rows]) {
  const valueIn = (row, column) => row[head.findIndex(({ text }) => text === column)]?.value;
  const told = new Map(rows.map((row) => [valueIn(row, 'user_id'), row]));
  if (told.size !== Object.keys(people).length) wrong.push(`${name}: ${told.size} people`);
  for (const [id, person] of Object.entries(people)) {
    const row = told.get(id) ?? [];
    const check = (column, isRight) => {
      compared += 1;
      if (!isRight(Number(valueIn(row, column)))) wrong.push(`${name}, ${id}, ${column}: ${valueIn(row, column)}`);
    };
    const counts = { messages: person.messages, reactions: person.reactions, hands: person.hands, sessions: person.visits };
    for (const [column, count] of Object.entries(counts)) check(column, (value) => value === count);
    const seconds = { online_seconds: person.online, microphone_seconds: person.mic, camera_seconds: person.camera };
    // Rounded down, and the script is exact to 0.05 s.
    for (const [column, exact] of Object.entries(seconds))
      check(column, (value) => value >= Math.floor(exact - 0.05) && value <= exact + 0.05);
  }
}
