import type { ConferenceEvent } from '@bbb-activity/events/conference-event';

/** Events of a request that were not taken in. */
export interface LeftOutEvents {
  readonly filtered: number;
  readonly unknown: number;
  readonly unknownNames: Readonly<Record<string, number>>;
  readonly malformed: number;
}

/** A request that was answered. */
export interface AnsweredDelivery {
  readonly endpoint: 'legacy' | 'modern';
  /** As its log line tells it. */
  readonly outcome: string;
  /** Null where no signature has proven one. */
  readonly accessUrl: number | null;
  readonly seconds: number;
}

/** Who counts what ingress does: once a request, and by whole numbers alone for each event. */
export interface DeliveryMeter {
  /** Events of a request, now durable, and those that were not taken in. */
  took(events: readonly ConferenceEvent[], leftOut: LeftOutEvents): void;
  answered(delivery: AnsweredDelivery): void;
}
