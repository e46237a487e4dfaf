import type { ConnectionOptions, Job, JobJson, RedisQueueBackend } from 'bullmq';
import { GatedWorker } from './gated-worker.js';
import type { StoredPayload } from './job-payload.js';

/** BullMQ throws on a job whose data is no JSON, before any processor sees it and for ever: here its data is the text that it is. */
export class RedisWorker extends GatedWorker<RedisQueueBackend, ConnectionOptions> {
  protected override createJob(stored: JobJson, id: string): Job<StoredPayload, void, string> {
    try {
      return super.createJob(stored, id);
    } catch {
      return super.createJob({ ...stored, data: JSON.stringify(stored.data) }, id);
    }
  }
}
