import { BbbClient } from '@bbb-activity/bbb/bbb-client';
import type { Tenants } from '@bbb-activity/config/tenants';

/** What is asked of a BBB server. */
export type MeetingsServer = Pick<BbbClient, 'isMeetingRunning'>;

/** The server of an access URL; null where none is known. Of one server there is one client, however many access URLs it serves. */
export type ServerOf = (accessUrlId: number) => MeetingsServer | null;

/** The servers of the access URLs that tell one. */
export function bbbServers({ all }: Tenants): ServerOf {
  const clients = new Map<string, BbbClient>();
  const byAccessUrl = new Map<number, BbbClient>();
  for (const { accessUrlId, bbbUrl: url, bbbSecrets, bbbAlgorithm: algorithm } of all.values()) {
    const [secret] = bbbSecrets;
    if (url === null || secret === undefined) continue;
    const key = JSON.stringify([url, secret, algorithm]);
    const client = clients.get(key) ?? new BbbClient({ url, secret, algorithm });
    clients.set(key, client);
    byAccessUrl.set(accessUrlId, client);
  }
  return (accessUrlId) => byAccessUrl.get(accessUrlId) ?? null;
}
