import type { Meeting } from '@bbb-activity/app-dashboard/schemas/meetings';
import type { Participant } from '@bbb-activity/app-dashboard/schemas/participants';
import type { DemoMeeting } from './demo-table.js';
import type { Standalone } from './start.js';

/** All meetings with their participants, oldest first, read over the HTTP API as any client would. */
export async function readDemoMeetings({ address, environment }: Standalone): Promise<DemoMeeting[]> {
  const items = async <T>(path: string): Promise<readonly T[]> => {
    const response = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${environment['ADMIN_TOKEN']}` } });
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}`);
    return ((await response.json()) as { readonly items: readonly T[] }).items;
  };
  const meetings = await items<Meeting>('/api/meetings?limit=500');
  return Promise.all(
    meetings.toReversed().map(async ({ id, remoteId, internalMeetingId, title, status }) => {
      const participants = await items<Participant>(`/api/meetings/${id}/participants`);
      return { remoteId, internalMeetingId, title, status, participants };
    }),
  );
}
