import type { Tracing } from './tracing.js';
import type { TracingLog } from './tracing-log.js';

/** Traces where an endpoint is told; else null, and nothing of OpenTelemetry's SDK is even loaded. */
export async function openTracing(endpoint: string | undefined, app: string, log: TracingLog): Promise<Tracing | null> {
  if (endpoint === undefined) return null;
  const { OtlpTracing } = await import('./otlp-tracing.js');
  return new OtlpTracing(endpoint, app, log);
}
