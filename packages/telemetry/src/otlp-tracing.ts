import {
  type Context,
  DiagLogLevel,
  diag,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanAttributes, SpanStart, TraceSpan, Tracing } from './tracing.js';
import type { TracingLog } from './tracing-log.js';

/** https://www.w3.org/TR/trace-context/, version 00. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const KINDS = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };
/** A collector that is away fails every batch of spans. */
const QUIET_MS = 60_000;

/** Loaded only where traces are wanted: see `openTracing`. */
export class OtlpTracing implements Tracing {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  /** @param endpoint base URL of a collector; its path for traces is added */
  constructor(endpoint: string, app: string, log: TracingLog) {
    let quietUntil = 0;
    const warn = (reason: string) => {
      if (Date.now() < quietUntil) return;
      quietUntil = Date.now() + QUIET_MS;
      log.warn({ reason }, 'traces cannot be sent');
    };
    const nothing = () => undefined;
    diag.setLogger(
      { error: warn, warn, info: nothing, debug: nothing, verbose: nothing },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': `bbb-activity-${app}`, 'process.pid': process.pid }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }))],
    });
    this.#tracer = this.#provider.getTracer('bbb-activity');
  }

  begin(name: string, { kind, parent = null, links = [], startedAt, attributes = {} }: SpanStart): TraceSpan {
    const options = {
      kind: KINDS[kind],
      links: links.map(linkTo).filter((link) => link !== null),
      attributes,
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    };
    return new OtlpSpan(this.#tracer.startSpan(name, options, contextOf(parent)));
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}

class OtlpSpan implements TraceSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get traceparent(): string | null {
    const { traceId } = this;
    return traceId === null ? null : `00-${traceId}-${this.#span.spanContext().spanId}-01`;
  }

  get traceId(): string | null {
    return this.#span.isRecording() ? this.#span.spanContext().traceId : null;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  fail(reason: string): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }

  end(): void {
    this.#span.end();
  }
}

/** Null where it is none. */
function spanContextOf(traceparent: string): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(found) ? found : null;
}

function contextOf(parent: string | null): Context {
  const found = parent === null ? null : spanContextOf(parent);
  return found === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, found);
}

function linkTo(traceparent: string): Link | null {
  const found = spanContextOf(traceparent);
  return found === null ? null : { context: found };
}
