import { verifyLegacyUrl } from '@bbb-activity/signatures/legacy-url';
import { openStore } from '@bbb-activity/store/client';
import Fastify from 'fastify';
import { KEYS } from '../load/keys.js';
import { readBbbEvents } from './bbb-events.js';
import { recordEvent } from './record-event.js';

// As one would write it first: the request verifies, parses and writes, and is answered when that is committed.
const store = openStore({ databaseUrl: process.env['DATABASE_URL'] ?? '', maxConnections: 10 });
const app = Fastify();
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.get('/healthz', async () => ({ ok: true }));
app.post<{ Body: string }>('/plugin/Bbb/webhook.php', async (request, reply) => {
  const query = request.url.slice(request.url.indexOf('?'));
  const signed = verifyLegacyUrl({
    query,
    salts: [KEYS.WEBHOOK_SALT],
    algorithms: ['sha256'],
    now: Math.floor(Date.now() / 1_000),
  });
  if (signed.outcome !== 'valid') return reply.code(403).send({ ok: false, error: 'bad_signature' });
  for (const event of readBbbEvents(request.body)) await recordEvent(store.prisma, signed.accessUrlId, event);
  return { ok: true };
});
await store.ping();
await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
process.once('SIGTERM', () => void app.close().then(() => store.close()));
