import { ConfigError } from '@bbb-activity/config/config-error';
import { readSettings } from '@bbb-activity/config/read-settings';
import { readTenants } from '@bbb-activity/config/tenants';
import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { replayRecording } from '@bbb-activity/simulator/replay';
import { Command, InvalidArgumentError } from 'commander';
import { accessUrlOption } from './access-url-option.js';
import type { CommandContext } from './command-context.js';

export function replayCommand({ environment, print }: CommandContext): Command {
  return new Command('replay')
    .description(
      'sends a recording of a BBB server to a running ingress, signed with the salt and the shared secret of an access URL, its times moved to now',
    )
    .argument('<recording>', `${RECORDING_NAMES.join(', ')}, or the path of a .jsonl file`)
    .option('--url <url>', 'where ingress listens', 'http://127.0.0.1:8080')
    .option('--speed <factor>', '1 is the recorded pace, 0 as fast as possible', number, 1)
    .option('--renumber <suffix>', 'put to the internal ids, so that it is another occurrence of the room')
    .addOption(accessUrlOption())
    .action(async (recording: string, options: { url: string; speed: number; renumber?: string; accessUrl?: number }) => {
      const { ACCESS_URL_ID } = readSettings(environment, ['ACCESS_URL_ID']);
      const tenants = readTenants(environment);
      const tenant = tenants.all.get(options.accessUrl ?? ACCESS_URL_ID);
      if (tenant === undefined) throw new ConfigError(`access URL ${options.accessUrl ?? ACCESS_URL_ID} is not configured`);
      const { accessUrlId, salts, bbbSecrets, urlAlgorithm } = tenant;
      const [salt] = salts;
      const [sharedSecret] = bbbSecrets;
      if (sharedSecret === undefined) {
        const place =
          tenants.file === null ? 'BBB_SECRET' : `TENANTS_FILE ${tenants.file}, access URL "${accessUrlId}": bbbSecret`;
        throw new ConfigError(`${place} is missing`);
      }
      const name = RECORDING_NAMES.find((known) => known === recording);
      const report = await replayRecording(await readRecording(name === undefined ? recording : recordingPath(name)), {
        target: options.url,
        accessUrlId,
        sharedSecret,
        ...(salt === undefined ? {} : { salt }),
        urlAlgorithm,
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
