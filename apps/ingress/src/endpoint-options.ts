import type { Tracing } from '@bbb-activity/telemetry/tracing';
import type { DeliveryMeter } from './delivery-meter.js';
import type { Intake } from './intake.js';
import type { RefusedSources } from './refused-sources.js';
import type { TenantsById } from './tenant.js';

/** What may come in one request; what is over it is kept as a dead letter. */
export interface IntakeLimits {
  readonly bodyBytes: number;
  readonly events: number;
  /** Of all bodies together that an endpoint of a process takes in at one time; beyond, it answers 503. */
  readonly allBodiesBytes: number;
}

export const INTAKE_LIMITS: IntakeLimits = { bodyBytes: 8 * 1024 * 1024, events: 1_000, allBodiesBytes: 32 * 1024 * 1024 };

/** What both endpoints need. */
export interface EndpointOptions {
  /** A request is checked with the keys of its own access URL alone. */
  readonly tenants: TenantsById;
  readonly intake: Intake;
  /** Null where nobody asks. */
  readonly meter: DeliveryMeter | null;
  /** Null where nobody asks. */
  readonly tracing: Tracing | null;
  /** Key of the events' identity and of sealed evidence; the same in every ingress process, for ever. */
  readonly identityKey: Buffer;
  readonly limits: IntakeLimits;
  readonly refused: RefusedSources;
  /** How the endpoints are called from outside, without a path; null where it is not told. */
  readonly publicUrl: string | null;
}
