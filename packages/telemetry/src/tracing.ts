/** What is told of a span. Never a secret, never anything of a person. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly kind: 'server' | 'producer' | 'consumer' | 'internal';
  /** W3C traceparent of the span that it is a part of; what is none is left aside. */
  readonly parent?: string | null;
  /** Traceparents of spans that it follows from without being a part of one. */
  readonly links?: readonly string[];
  /** Unix ms; now where it is not told. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

export interface TraceSpan {
  /** By which another process goes on; null where it is not sampled. */
  readonly traceparent: string | null;
  /** What a log line names the trace by; null likewise. */
  readonly traceId: string | null;
  set(attributes: SpanAttributes): void;
  /** That it failed, by a fixed term. */
  fail(reason: string): void;
  end(): void;
}

/** Traces of one process, sent by OTLP (docs/monitoring.md, "Traces"). */
export interface Tracing {
  begin(name: string, start: SpanStart): TraceSpan;
  /** Sends what is not sent yet. */
  close(): Promise<void>;
}
