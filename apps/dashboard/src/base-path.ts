import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';

/** Where the learning platform's own dashboard was: everything is served below it as well (docs/dashboard.md, "Where it is served"). */
export const PLATFORM_PATH = '/plugin/Bbb/webhook_dashboard.php';

/** Bull Board writes its place into its page, so that it is registered once for each place. */
const BOARD_BELOW_PLATFORM = `${PLATFORM_PATH}/admin/queues`;

/** For a server's `rewriteUrl`: a path below the platform's is the same one at the root. */
export function withoutPlatformPath({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  if (!isBelow(url, PLATFORM_PATH) || isBelow(url, BOARD_BELOW_PLATFORM)) return url;
  const rest = url.slice(PLATFORM_PATH.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Where the caller of this request finds the page: ends in a slash. */
export function basePathOf({ originalUrl }: FastifyRequest): string {
  return isBelow(originalUrl, PLATFORM_PATH) ? `${PLATFORM_PATH}/` : '/';
}

function isBelow(url: string, path: string): boolean {
  return url.startsWith(path) && /^(?:$|[/?])/.test(url.slice(path.length));
}
