import { InvalidArgumentError, Option } from 'commander';

/** `--access-url`, of a platform that serves several. */
export function accessUrlOption(description = 'the access URL; ACCESS_URL_ID where it is left out'): Option {
  return new Option('--access-url <number>', description).argParser((text: string) => {
    if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('it must be a whole number from 1.');
    return Number(text);
  });
}
