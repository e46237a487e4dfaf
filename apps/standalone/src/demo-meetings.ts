import type { DemoMeeting, DemoParticipant } from './demo-table.js';
import type { Standalone } from './start.js';

/** All meetings with their participants, oldest first, read over the HTTP API as any client would. */
export async function readDemoMeetings({ address, environment }: Standalone): Promise<DemoMeeting[]> {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${environment['ADMIN_TOKEN']}` } });
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}`);
    return (await response.json()) as T;
  };
  type Page<T> = { readonly items: readonly T[] };
  const { items } = await get<Page<Omit<DemoMeeting, 'participants'> & { readonly id: string }>>('/api/meetings?limit=500');
  return Promise.all(
    items.toReversed().map(async ({ id, remoteId, internalMeetingId, title, status }) => {
      const { items: participants } = await get<Page<DemoParticipant>>(`/api/meetings/${id}/participants`);
      return { remoteId, internalMeetingId, title, status, participants };
    }),
  );
}
