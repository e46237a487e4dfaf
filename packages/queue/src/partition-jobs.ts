import { messageOf } from './errors.js';
import { partitionQueueName } from './partition-of.js';
import type { NextJob, QueueBackend, WaitingJob } from './queue-backend.js';
import type { QueueLog } from './queue-log.js';

export interface PartitionJobsOptions {
  readonly backend: QueueBackend;
  readonly partition: number;
  /** Names the process to the others. */
  readonly server: string;
  readonly log: QueueLog;
}

/** What the store is asked about the jobs of one partition. Where it does not answer, that is told, and the partition goes on without. */
export class PartitionJobs {
  readonly queueName: string;
  readonly #options: PartitionJobsOptions;
  /** How often another process may have had the partition since the process began. */
  #tenures = 0;

  constructor(options: PartitionJobsOptions) {
    this.#options = options;
    this.queueName = partitionQueueName(options.partition);
  }

  /** Another one whenever another process may have had the partition before the last {@link noteServer}. */
  get tenure(): string {
    return `${this.#options.partition}.${this.#tenures}`;
  }

  /** Where it cannot be known who had the partition last, it may have been another process. */
  async noteServer(): Promise<void> {
    const { backend, server } = this.#options;
    try {
      if ((await backend.noteServer(this.queueName, server)) === server) return;
    } catch (error) {
      this.#warn(error, 'it is not known who had the partition last');
    }
    this.#tenures += 1;
  }

  /** Those that wait, as many as have `room` items together. That they cannot be read now only makes the batch smaller, or the turn shorter. */
  async next(room: number): Promise<NextJob[]> {
    if (room < 1) return [];
    try {
      return await this.#options.backend.nextWaiting(this.queueName, room);
    } catch (error) {
      this.#warn(error, 'the next jobs cannot be read: they come with the next head');
      return [];
    }
  }

  /** They are applied: an error here means only that they come again, and change nothing then. Gives whether they are gone. */
  async remove(jobs: readonly WaitingJob[]): Promise<boolean> {
    const ids = jobs.map(({ id }) => id);
    try {
      await this.#options.backend.removeWaiting(this.queueName, ids);
      return true;
    } catch (error) {
      this.#warn(error, 'applied jobs cannot be removed: they will come again');
      return false;
    }
  }

  /**
   * BullMQ's limiter counts from the moment in which a job is taken, and counts jobs: when a call begins in truth, and that there is a further one, is
   * made known to it, for the one who takes the next job. So is the end of a turn: where the last call took longer than the budget's pause, BullMQ takes
   * the next job as it puts the one in hand away, and no other process would ever have its turn.
   */
  async noneFor(ms: number): Promise<void> {
    try {
      await this.#options.backend.queue(this.queueName).rateLimit(ms);
    } catch (error) {
      this.#warn(error, 'the limiter cannot be told of a call, or of the end of a turn: the next job may come early');
    }
  }

  #warn(error: unknown, message: string): void {
    this.#options.log.warn({ partition: this.#options.partition, reason: messageOf(error) }, message);
  }
}
