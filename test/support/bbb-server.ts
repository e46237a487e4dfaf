import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BbbCall {
  /** As `isMeetingRunning`. */
  readonly name: string;
  readonly parameters: URLSearchParams;
}

export interface BbbServer {
  /** Ends in `/bigbluebutton`. */
  readonly url: string;
  /** The calls whose checksum was right. */
  readonly calls: readonly BbbCall[];
  /** External ids of the meetings that run. */
  readonly running: Set<string>;
  /** Answers in place of the server; back to itself with null. */
  replace(answer: ((request: IncomingMessage, response: ServerResponse) => void) | null): void;
  close(): Promise<void>;
}

const ALGORITHMS = new Map([
  [40, 'sha1'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** A BBB server's API as far as the product calls it, on 127.0.0.1. It checks checksums by itself, over the query as it was sent. */
export async function startBbbServer(secret: string): Promise<BbbServer> {
  const calls: BbbCall[] = [];
  const running = new Set<string>();
  let replaced: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;

  const server = createServer((request, response) => {
    if (replaced !== null) return replaced(request, response);
    response.setHeader('content-type', 'text/xml;charset=utf-8').end(answer(request.url ?? ''));
  });

  function answer(url: string): string {
    const [path = '', query = ''] = url.split('?');
    const name = path.replace('/bigbluebutton/api/', '');
    const [, signed = '', checksum = ''] = /^(.*?)&?checksum=([0-9a-f]*)$/.exec(query) ?? [];
    const algorithm = ALGORITHMS.get(checksum.length);
    const expected = algorithm && createHash(algorithm).update(`${name}${signed}${secret}`).digest('hex');
    if (checksum !== expected) return failed('checksumError', 'You did not pass the checksum security check');
    const parameters = new URLSearchParams(signed);
    calls.push({ name, parameters });
    if (name !== 'isMeetingRunning') return failed('unsupportedRequest', 'This request is not supported.');
    const runs = running.has(parameters.get('meetingID') ?? '');
    return `<response><returncode>SUCCESS</returncode><running>${runs}</running></response>`;
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/bigbluebutton`,
    calls,
    running,
    replace(next) {
      replaced = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function failed(messageKey: string, message: string): string {
  return `<response><returncode>FAILED</returncode><messageKey>${messageKey}</messageKey><message>${message}</message></response>`;
}
