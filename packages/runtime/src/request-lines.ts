import { type FastifyInstance, LogController } from 'fastify';

/** Turns off Fastify's own lines for a request: they tell the URL, and in a URL of ours there is a signature. */
export function ownRequestLines(): LogController {
  return new LogController({ disableRequestLogging: true });
}

/** Answers what no route takes without telling or logging its URL, in which there may be a signature. */
export function registerNotFound(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not_found', message: 'there is nothing here' }));
}
