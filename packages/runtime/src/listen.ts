import { ConfigError } from '@bbb-activity/config/config-error';
import type { FastifyInstance } from 'fastify';

/** What an operator can mend, by the system's code. */
const CAUSES: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) => `PORT ${port} is taken on ${host}`,
  EACCES: (_host, port) => `PORT ${port} needs rights that this process has not`,
  ENOTFOUND: (host) => `HOST ${host} is no name or address that is known here`,
  EADDRNOTAVAIL: (host) => `HOST ${host} is no address of this machine`,
};

/**
 * Listens and gives the address, `http://host:port`.
 *
 * @throws ConfigError naming HOST or PORT where that is to blame
 */
export async function listen(
  app: FastifyInstance,
  { HOST: host, PORT: port }: { readonly HOST: string; readonly PORT: number },
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw code in CAUSES ? new ConfigError(CAUSES[code]?.(host, port) ?? code) : error;
  }
}
