/** What a phase of load sends. */
export type Material =
  /** Every meeting's beginning and everybody's arrival, once. */
  | 'arrivals'
  /** What people do, as long as the phase is. */
  | 'activity'
  /** The end of every meeting. */
  | 'endings';

/** So many connections, each sending its next request when the one before is answered. */
export interface ClosedPhase {
  readonly kind: 'closed';
  readonly material: Material;
  readonly connections: number;
  /** Ends earlier where the material does, or `count` requests are sent. */
  readonly seconds: number;
  readonly count: number | null;
  /** A new connection for every request, as a BBB server makes them. */
  readonly reconnect: boolean;
}

/** Requests at times that do not depend on answers: `count` of them evenly over `spanMs`, and that `repeats` times, one every `everyMs`. */
export interface OpenPhase {
  readonly kind: 'open';
  readonly material: Material;
  readonly count: number;
  readonly spanMs: number;
  readonly everyMs: number;
  readonly repeats: number;
  /** At most; a request that finds none free waits, and its latency counts from when it should have been sent. */
  readonly connections: number;
}

export type Phase = ClosedPhase | OpenPhase;

export interface PhaseReport {
  /** Unix ms of the first and after the last request. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly sent: number;
  /** Answered 200. */
  readonly acknowledged: number;
  /** All else, by status or error. */
  readonly refused: Readonly<Record<string, number>>;
  /** Acknowledged chat messages: a number that can be found again in the rows of any system. */
  readonly messages: number;
  /** From the intended time of sending to the answer, in ms. */
  readonly ackMs: Percentiles;
  /** How much later than intended the generator sent, in ms: large where it, or the connections, were the limit. */
  readonly lateMs: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}
