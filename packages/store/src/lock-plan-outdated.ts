/** What was read before the locks no longer holds after them: the transaction is to be started again. Never leaves this package. */
export class LockPlanOutdatedError extends Error {
  readonly code = 'lock_plan_outdated';

  constructor() {
    super('the rows changed between planning the locks and taking them');
  }
}

/** Rows that were to be written are no longer as they were read, or remembered. */
export class RowsOutdatedError extends LockPlanOutdatedError {}
