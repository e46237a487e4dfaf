import type { IQueueBackend } from 'bullmq';

type Answers = Awaited<ReturnType<IQueueBackend['addFlow']>>;

/**
 * Throws where the store refused any of the jobs of an `addFlow`. BullMQ 6.7 gives the refusals in its result, and its FlowProducer does not
 * look at them: it resolves as if all were stored (a PostgreSQL that is read-only).
 */
export function requireAdded(answers: Answers, jobs: number): void {
  for (const [error, id] of answers) {
    if (error !== null) throw error;
    if (typeof id === 'number' && id < 0) throw new Error(`BullMQ refused a job with code ${id}`);
  }
  if (answers.length !== jobs) throw new Error(`BullMQ stored ${answers.length} of ${jobs} jobs`);
}
