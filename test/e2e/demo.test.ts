import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { expectParticipants, readExpected, type ToldParticipant } from '../support/expected-recording.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the demo', () => {
  it('has both recorded meetings told to a hook that it registers, gives the numbers that their scripts tell, and ends', async () => {
    // No service of this run is named to it: it brings its own.
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['apps/standalone/dist/demo.js', '--once', '--json', '--speed', '0'],
      {
        cwd: ROOT,
        env: { PATH: process.env['PATH'] },
      },
    );
    const { meetings } = JSON.parse(stdout) as {
      meetings: { remoteId: string; internalMeetingId: string; title: string; status: string; participants: ToldParticipant[] }[];
    };
    expect(stderr).toContain('/bigbluebutton has our hook');
    expect(stderr).toContain('told quiet: 125 events in ');
    const recordings = [await readExpected('quiet'), await readExpected('flaky')];
    expect(meetings.map(({ remoteId }) => remoteId).toSorted()).toEqual(
      recordings.map(({ meeting }) => meeting.extId).toSorted(),
    );
    for (const recording of recordings) {
      const meeting = meetings.find(({ remoteId }) => remoteId === recording.meeting.extId);
      expect(meeting).toMatchObject({ status: 'ended', title: `Room ${recording.meeting.extId}` });
      expectParticipants(meeting?.participants ?? [], recording);
    }
  });
});
