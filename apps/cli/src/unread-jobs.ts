import type { UndecodableJob } from '@bbb-activity/queue/read-jobs';

/** What to tell of jobs that could not be read; nothing where there are none. */
export function unreadLines(jobs: readonly UndecodableJob[]): string[] {
  if (jobs.length === 0) return [];
  const places = jobs.map(({ queueName, id }) => `${queueName}/${id}`).join(', ');
  return [
    `${jobs.length} queued jobs cannot be read and were passed over: ${places}; a worker makes them dead letters, try again then`,
  ];
}
