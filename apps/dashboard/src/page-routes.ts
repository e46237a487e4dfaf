import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { basePathOf } from './base-path.js';

/** Where the page is built to. */
export const PAGE_FOLDER = fileURLToPath(new URL('../dist/page/', import.meta.url));

/** Addresses that the page itself understands. */
const PAGES = [
  '/',
  '/login',
  '/hooks',
  '/system',
  '/meetings/:id',
  '/rooms/:accessUrlId/:remoteId',
  '/people/:accessUrlId/:personKey',
];

/** Vite names the files of this folder by their content. */
const HASHED = 'assets/';

/**
 * The web page: its files, and `index.html` for every address of its own, with the `<base href>` of the place where it is served. Where the page was
 * not built, its addresses say so. What no route takes is answered 404, with the hooks and headers of this context.
 */
export async function registerPage(app: FastifyInstance, folder: string): Promise<void> {
  const index = await readFile(join(folder, 'index.html'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  for (const url of PAGES) {
    app.get(url, { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
      if (index === null) {
        return reply
          .code(503)
          .send({ error: 'no_page', message: 'the web page was not built: run "npm run build"; the API is there' });
      }
      return sendPage(index, request, reply);
    });
  }
  app.setNotFoundHandler((request, reply) => {
    reply.code(404);
    // The page says it to people, in their language.
    if (index !== null && wantsPage(request)) return sendPage(index, request, reply);
    // Nothing of the URL: there may be a signature in it.
    return reply.send({ error: 'not_found', message: 'there is nothing here' });
  });
  if (index === null) return;
  app.addHook('onRoute', (route) => {
    route.config = { access: 'public', ...route.config };
  });
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    // A route for each file: what is no file of the page is left to the other routes.
    wildcard: false,
    globIgnore: ['index.html', '**/*.gz'],
    preCompressed: true,
    schemaHide: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const immutable = path.slice(folder.length).startsWith(HASHED);
      reply.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

function sendPage(index: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('cache-control', 'no-cache');
  return reply.type('text/html; charset=utf-8').send(withBase(index, basePathOf(request)));
}

function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.startsWith('/api/') && headers.accept?.includes('text/html') === true;
}

/** The path is one of two, and holds nothing that HTML would read otherwise. */
function withBase(html: string, path: string): string {
  const base = `<base href="${path}">`;
  const found = /<base\s[^>]*>/i;
  return found.test(html) ? html.replace(found, base) : html.replace(/<head[^>]*>/i, (head) => `${head}\n    ${base}`);
}
