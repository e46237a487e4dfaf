import { Campus, type CampusEvent, rawEventOf } from '@bbb-activity/simulator/campus';
import type { SimulatedBbb } from '@bbb-activity/simulator/simulated-bbb';

export interface TrafficOptions {
  readonly seed: number;
  readonly meetings: number;
  readonly people: number;
  /** Events a second. */
  readonly rate: number;
}

const TICK_MS = 50;

/** People in meetings on a BBB server, whatever becomes of who listens: from their arrival to the end of their meetings. */
export class FaultTraffic {
  readonly #bbb: SimulatedBbb;
  readonly #campus: Campus;
  readonly #timer: NodeJS.Timeout;
  /** Events that are due and did not happen yet. */
  #due = 0;
  #rate: number;

  constructor(bbb: SimulatedBbb, { rate, ...campus }: TrafficOptions) {
    this.#bbb = bbb;
    this.#rate = rate;
    this.#campus = new Campus(campus);
    for (const event of [...this.#campus.openings(), ...this.#campus.arrivals()]) this.#tell(event);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** From now on so many events a second. */
  set rate(rate: number) {
    this.#rate = rate;
  }

  /** All meetings end. */
  end(): void {
    clearInterval(this.#timer);
    for (const event of this.#campus.endings()) this.#tell(event);
  }

  /** Safe to call twice. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#due += (this.#rate * TICK_MS) / 1_000;
    for (; this.#due >= 1; this.#due -= 1) this.#tell(this.#campus.next());
  }

  #tell(event: CampusEvent): void {
    this.#bbb.emit(rawEventOf(event, this.#bbb.clock.now()));
  }
}
