import { readSettings } from '@bbb-activity/config/read-settings';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { replayRecording } from '@bbb-activity/simulator/replay';
import { Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from './command-context.js';

export function replayCommand({ environment, print }: CommandContext): Command {
  return new Command('replay')
    .description(
      'sends a recording of a BBB server to a running ingress, signed with WEBHOOK_SALT and BBB_SECRET, its times moved to now',
    )
    .argument('<recording>', `${RECORDING_NAMES.join(', ')}, or the path of a .jsonl file`)
    .option('--url <url>', 'where ingress listens', 'http://127.0.0.1:8080')
    .option('--speed <factor>', '1 is the recorded pace, 0 as fast as possible', number, 1)
    .option('--renumber <suffix>', 'put to the internal ids, so that it is another occurrence of the room')
    .action(async (recording: string, options: { url: string; speed: number; renumber?: string }) => {
      const settings = readSettings(environment, ['WEBHOOK_SALT', 'ACCESS_URL_ID', 'WEBHOOKS_HASH_ALGO'], ['BBB_SECRET']);
      const name = RECORDING_NAMES.find((known) => known === recording);
      const report = await replayRecording(await readRecording(name === undefined ? recording : recordingPath(name)), {
        target: options.url,
        accessUrlId: settings.ACCESS_URL_ID,
        sharedSecret: settings.BBB_SECRET,
        ...(settings.WEBHOOK_SALT === undefined ? {} : { salt: settings.WEBHOOK_SALT }),
        urlAlgorithm: settings.WEBHOOKS_HASH_ALGO,
        speed: options.speed,
        ...(options.renumber === undefined ? {} : { renumber: options.renumber }),
      });
      print(JSON.stringify(report));
      if (report.failed.length > 0) process.exitCode = 1;
    });
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('it must be a number from 0.');
  return value;
}
