import type { IQueueBackend } from 'bullmq';

/**
 * Makes `addFlow` reject when the store refused any of its jobs. BullMQ 6.7 gives the refusals in its result and
 * FlowProducer.addBulk does not look at them: it resolves as if all were stored (a Redis that cannot write its append-only
 * file, a PostgreSQL that is read-only).
 */
export function failOnRefusedJobs<B extends IQueueBackend>(backend: B): B {
  const addFlow = backend.addFlow.bind(backend);
  backend.addFlow = async (entries) => {
    // null is what an EXEC gives whose watched key has changed; the types do not know.
    const results = await addFlow(entries);
    for (const [error, id] of results) {
      if (error !== null) throw error;
      if (typeof id === 'number' && id < 0) throw new Error(`BullMQ refused a job with code ${id}`);
    }
    if (results.length !== entries.length) throw new Error(`BullMQ stored ${results.length} of ${entries.length} jobs`);
    return results;
  };
  return backend;
}
