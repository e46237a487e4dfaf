import { PassThrough } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@fastify/type-provider-typebox';
import { type AccessOptions, findCaller } from './access.js';
import { callerOf, scopeOf } from './caller.js';
import type { LiveHub } from './live-hub.js';
import type { LiveStreams } from './live-streams.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { type LiveEvents, LiveQuerySchema } from './schemas/live.js';

/** So that a proxy does not take the stream for dead. */
const PING_MS = 20_000;
/** Then the browser comes again by itself. */
const STREAM_MS = 15 * 60_000;
/** What a reader who does not read may leave unread: about a thousand changes. */
const MOST_UNREAD_BYTES = 64 * 1_024;

export interface LiveOptions {
  readonly hub: LiveHub;
  readonly streams: LiveStreams;
  readonly access: AccessOptions;
  /** Default 20,000. */
  readonly pingMs?: number;
}

/** `/api/live`: server-sent events (docs/dashboard.md, "Live"). */
export const liveRoutes: FastifyPluginAsyncTypebox<LiveOptions> = async (app, { hub, streams, access, pingMs = PING_MS }) => {
  // A server that closes waits for its answers, and these would never end.
  app.addHook('preClose', async () => streams.endAll());

  app.get(
    '/api/live',
    {
      config: { access: 'meeting' },
      schema: {
        summary: 'Server-sent events: hello, and changed with the id of a meeting',
        operationId: 'listenLive',
        querystring: LiveQuerySchema,
        response: {
          200: Type.Unsafe<PassThrough>({ type: 'string', description: 'text/event-stream' }),
          400: ErrorSchema,
          ...COMMON_ERRORS,
        },
      },
    },
    async (request, reply) => {
      const stream = new PassThrough();
      const write = (text: string) => {
        if (stream.writableEnded) return;
        stream.write(text);
        if (stream.readableLength + stream.writableLength > MOST_UNREAD_BYTES) stream.destroy();
      };
      const tell = <Name extends keyof LiveEvents>(name: Name, data: LiveEvents[Name]) =>
        write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      // Headers go with the first byte, and a browser that is told to comes again soon.
      write('retry: 2000\n\n');
      const unsubscribe = hub.subscribe({
        scope: scopeOf(request),
        meetingId: request.query.meeting ?? null,
        hello: () => tell('hello', { at: new Date().toISOString() }),
        changed: (meetingId) => tell('changed', { meetingId }),
      });
      // A session that ended in another process, a token that was revoked, a user who may read something else: the stream ends, and who still may read comes again.
      const { accessUrlId, meetingId } = callerOf(request);
      const look = async () => {
        const now = await findCaller(request, access);
        if (now === null || now.accessUrlId !== accessUrlId || now.meetingId !== meetingId) stream.end();
        else write(': ping\n\n');
      };
      const ping = setInterval(() => {
        look().catch((error: unknown) => {
          request.log.warn({ err: error }, 'whether a reader may still hear of changes cannot be read: the stream ends');
          stream.end();
        });
      }, pingMs);
      const end = setTimeout(() => stream.end(), STREAM_MS);
      streams.add(stream, access.cookies.read(request));
      stream.once('close', () => {
        unsubscribe();
        clearInterval(ping);
        clearTimeout(end);
      });
      // A connection that is kept for another request would hold up a server that closes, for as long as it is kept.
      reply.header('connection', 'close');
      reply.header('cache-control', 'no-store, no-transform').header('x-accel-buffering', 'no');
      return reply.type('text/event-stream; charset=utf-8').send(stream);
    },
  );
};
