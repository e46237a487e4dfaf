import { PassThrough } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@fastify/type-provider-typebox';
import { scopeOf } from './caller.js';
import type { LiveHub } from './live-hub.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { type LiveEvents, LiveQuerySchema } from './schemas/live.js';

/** So that a proxy does not take the stream for dead. */
const PING_MS = 20_000;
/** Then the browser comes again by itself, and whoever was logged out meanwhile does not get in. */
const STREAM_MS = 15 * 60_000;
/** What a reader who does not read may leave unread: about a thousand changes. */
const MOST_UNREAD_BYTES = 64 * 1_024;

/** `/api/live`: server-sent events (docs/dashboard.md, "Live"). */
export const liveRoutes: FastifyPluginAsyncTypebox<{ readonly hub: LiveHub }> = async (app, { hub }) => {
  const streams = new Set<PassThrough>();
  // A server that closes waits for its answers, and these would never end.
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

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
      const ping = setInterval(() => write(': ping\n\n'), PING_MS);
      const end = setTimeout(() => stream.end(), STREAM_MS);
      streams.add(stream);
      stream.once('close', () => {
        unsubscribe();
        clearInterval(ping);
        clearTimeout(end);
        streams.delete(stream);
      });
      // A connection that is kept for another request would hold up a server that closes, for as long as it is kept.
      reply.header('connection', 'close');
      reply.header('cache-control', 'no-store, no-transform').header('x-accel-buffering', 'no');
      return reply.type('text/event-stream; charset=utf-8').send(stream);
    },
  );
};
