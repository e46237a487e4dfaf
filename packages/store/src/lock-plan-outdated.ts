/** What was read before the locks, or is remembered, no longer holds after them: the transaction is to be started again. Never leaves this package. */
export class LockPlanOutdatedError extends Error {
  readonly code = 'lock_plan_outdated';

  constructor() {
    super('the rows changed between planning the locks and taking them');
  }
}
