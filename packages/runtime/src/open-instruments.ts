import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import type { Instruments } from '@bbb-activity/telemetry/instruments';
import type { Logger } from '@bbb-activity/telemetry/logger';
import { openTracing } from '@bbb-activity/telemetry/open-tracing';
import type { Closers } from './closers.js';
import { openMetrics } from './metrics-listener.js';

/** What the environment asks a process to tell of itself. Among the closers, first and so closed last, is what sends the last traces. @throws ConfigError */
export async function openInstruments(
  environment: Environment,
  app: string,
  log: Logger,
  closers: Closers,
): Promise<Instruments> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = readSettings(environment, ['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const tracing = await openTracing(endpoint, app, log);
  if (tracing !== null) closers.add(() => tracing.close());
  return { metrics: openMetrics(environment, app), tracing };
}
