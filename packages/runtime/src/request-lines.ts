import { LogController } from 'fastify';

/** Turns off Fastify's own lines for a request: they tell the URL, and in a URL of ours there is a signature. */
export function ownRequestLines(): LogController {
  return new LogController({ disableRequestLogging: true });
}
