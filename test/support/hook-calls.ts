import { createHash } from 'node:crypto';

export interface ApiTarget {
  /** Ends in `/bigbluebutton`. */
  readonly url: string;
  readonly secret: string;
}

/** Calls a BBB server's API, its checksum made here, and gives the answer as it came. */
export async function callApi(
  { url, secret }: ApiTarget,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
  algorithm = 'sha1',
): Promise<string> {
  const query = new URLSearchParams(parameters).toString();
  const checksum = createHash(algorithm).update(`${name}${query}${secret}`).digest('hex');
  const response = await fetch(`${url}/api/${name}?${query === '' ? '' : `${query}&`}checksum=${checksum}`);
  return response.text();
}

/** The text of an answer's first element of that name. */
export function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1];
}

/** Its id. */
export async function createHook(
  target: ApiTarget,
  callbackURL: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const id = elementOf(await callApi(target, 'hooks/create', { callbackURL, ...more }), 'hookID');
  if (id === undefined) throw new Error('the hook was not created');
  return id;
}

export async function destroyHook(target: ApiTarget, hookID: string): Promise<void> {
  const answer = await callApi(target, 'hooks/destroy', { hookID });
  if (elementOf(answer, 'removed') !== 'true') throw new Error(`the hook was not destroyed: ${answer}`);
}
