import { ConfigError } from '@bbb-activity/config/config-error';
import type { FastifyInstance } from 'fastify';

/** The variables that tell a place to listen. */
export interface PlaceNames {
  readonly host: string;
  readonly port: string;
}

/** What an operator can mend, by the system's code: given are a host and a port, each with its variable's name. */
const CAUSES: Readonly<Record<string, (host: string, port: string, address: string) => string>> = {
  EADDRINUSE: (_host, port, address) => `${port} is taken on ${address}`,
  EACCES: (_host, port) => `${port} needs rights that this process has not`,
  ENOTFOUND: (host) => `${host} is no name or address that is known here`,
  EADDRNOTAVAIL: (host) => `${host} is no address of this machine`,
};

/**
 * Listens and gives the address, `http://host:port`.
 *
 * @throws ConfigError naming the variable, HOST or PORT unless others are told, where that is to blame
 */
export async function listen(
  app: FastifyInstance,
  { HOST: host, PORT: port }: { readonly HOST: string; readonly PORT: number },
  names: PlaceNames = { host: 'HOST', port: 'PORT' },
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const cause = CAUSES[code];
    throw cause === undefined ? error : new ConfigError(cause(`${names.host} ${host}`, `${names.port} ${port}`, host));
  }
}
