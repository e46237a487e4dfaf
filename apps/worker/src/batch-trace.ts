import type { JobOrigin } from '@bbb-activity/queue/job-origin';
import type { BatchOutcome } from '@bbb-activity/store/apply-batch';
import type { Tracing } from '@bbb-activity/telemetry/tracing';

export interface BatchTrace {
  /** For the batch's log line. */
  readonly told: { readonly trace?: string };
  applied(outcome: BatchOutcome, transactions: number): void;
  /** By whose fault. */
  failed(blame: string): void;
  end(): void;
}

/**
 * The spans of one try of a batch: itself, linked with the requests whose events it holds (they are many, so that it is a part of none), and in it the
 * transaction.
 */
export function traceBatch(
  tracing: Tracing,
  batch: { readonly partition: number; readonly attempt: number; readonly events: number },
  from: readonly JobOrigin[],
): BatchTrace {
  const span = tracing.begin('batch', {
    kind: 'consumer',
    links: from.flatMap(({ trace }) => trace ?? []),
    attributes: {
      'bbb_activity.partition': batch.partition,
      'bbb_activity.attempt': batch.attempt,
      'bbb_activity.events': batch.events,
    },
  });
  const transaction = tracing.begin('transaction', { kind: 'internal', parent: span.traceparent });
  let isOpen = true;
  const close = () => {
    if (isOpen) transaction.end();
    isOpen = false;
  };
  const { traceId } = span;
  return {
    told: traceId === null ? {} : { trace: traceId },
    applied({ fresh, duplicates, statements, rows }, transactions) {
      transaction.set({
        'bbb_activity.fresh': fresh,
        'bbb_activity.duplicates': duplicates,
        'bbb_activity.statements': statements,
        'bbb_activity.rows': rows,
        'bbb_activity.transactions': transactions,
      });
      close();
    },
    failed(blame) {
      if (isOpen) transaction.fail(blame);
      span.fail(blame);
    },
    end() {
      close();
      span.end();
    },
  };
}
