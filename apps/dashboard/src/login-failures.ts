import { userName } from '@bbb-activity/store/dashboard-users';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const QUARTER_OF_AN_HOUR_S = 900;
/** Of one account by one address: who wants to keep somebody out does it from an address of his own. */
const OF_ACCOUNT_BY_ADDRESS = { points: 10, duration: QUARTER_OF_AN_HOUR_S };
/** Of one account, from wherever: ten thousand tries take a day. */
const OF_ACCOUNT = { points: 100, duration: QUARTER_OF_AN_HOUR_S };

/**
 * Counts logins that failed, and says when there were too many. A right one counts nothing, and ends the count of its address. What is asked and what is
 * counted belong together: of many tries at once each must have ended before the next one is asked for.
 */
export class LoginFailures {
  readonly #byAddress = new RateLimiterMemory(OF_ACCOUNT_BY_ADDRESS);
  readonly #ofAccount = new RateLimiterMemory(OF_ACCOUNT);

  /** For how many seconds no try for that name is taken from there; 0 where one is. An account that there is not counts as any other: the answer does not tell. */
  async secondsLeft(name: string, address: string): Promise<number> {
    const counts = await Promise.all([this.#byAddress.get(keyOf(name, address)), this.#ofAccount.get(userName(name))]);
    const over = counts.map((count) => (count !== null && count.remainingPoints <= 0 ? count.msBeforeNext : 0));
    return Math.ceil(Math.max(...over) / 1_000);
  }

  async failed(name: string, address: string): Promise<void> {
    await Promise.all([this.#byAddress.penalty(keyOf(name, address)), this.#ofAccount.penalty(userName(name))]);
  }

  async succeeded(name: string, address: string): Promise<void> {
    await this.#byAddress.delete(keyOf(name, address));
  }
}

function keyOf(name: string, address: string): string {
  return `${userName(name)} ${address}`;
}
