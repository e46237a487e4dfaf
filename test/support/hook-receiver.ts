import { createServer, type IncomingMessage } from 'node:http';

/** A request that came to a hook's callback URL. */
export interface HookPost {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
  /** The names of its events. */
  readonly events: readonly string[];
}

export interface HookReceiver {
  readonly url: string;
  readonly posts: readonly HookPost[];
  /** From now on; a location makes it a redirect, null is no answer at all. Default 200. */
  answer(how: (post: HookPost) => number | readonly [number, string] | null): void;
  /** The names of the events that came under a path, in order of arrival. */
  events(path?: string): readonly string[];
  close(): Promise<void>;
}

/** A tiny receiver on 127.0.0.1 that writes down what comes and answers as it is told. */
export async function startHookReceiver(): Promise<HookReceiver> {
  const posts: HookPost[] = [];
  let how: (post: HookPost) => number | readonly [number, string] | null = () => 200;
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const post: HookPost = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      body,
      events: namesIn(body),
    };
    posts.push(post);
    const answer = how(post);
    if (answer === null) return;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(answer[0], { location: answer[1] }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    posts,
    answer: (next) => {
      how = next;
    },
    events: (path = '') => posts.filter((post) => post.path.startsWith(path)).flatMap(({ events }) => events),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function namesIn(body: string): readonly string[] {
  const told: unknown = JSON.parse(new URLSearchParams(body).get('event') ?? '[]');
  return (told as readonly { data?: { id: string }; envelope?: { name: string } }[]).map(
    ({ data, envelope }) => data?.id ?? envelope?.name ?? '',
  );
}
