import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.js';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** Upper bounds in seconds, from what ingress needs for a request to what makes a sender give up. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Name, help and labels of a metric. */
export interface MetricOf<Label extends string> {
  /** With the unit at its end, and `_total` of a counter, as Prometheus has it. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/**
 * The figures of one process, for Prometheus (docs/monitoring.md). Made only where somebody asks for them (`METRICS_PORT`): whoever counts has an
 * interface beside it, which without this is nothing.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: (() => Promise<void>)[] = [];
  #collecting: Promise<string> | undefined;

  /** @param app named in `bbb_activity_info` */
  constructor(app: string) {
    collectDefaultMetrics({ register: this.#registry });
    this.gauge({ name: 'bbb_activity_info', help: 'Always 1: which app this process is', labels: ['app'] }).set({ app }, 1);
  }

  counter<Label extends string = never>({ name, help, labels = [] }: MetricOf<Label>): Counter<Label> {
    return new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  gauge<Label extends string = never>({ name, help, labels = [] }: MetricOf<Label>): Gauge<Label> {
    return new Gauge({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  histogram<Label extends string = never>(
    { name, help, labels = [] }: MetricOf<Label>,
    buckets: readonly number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [this.#registry] });
  }

  /** For what is observed once an event: see {@link TalliedHistogram}. */
  talliedHistogram({ name, help }: MetricOf<never>, bounds: readonly number[]): TalliedHistogram {
    const histogram = new TalliedHistogram(name, help, bounds);
    // The registry asks a metric for its name and for get(), and nothing else; its type is that of prom-client's own classes.
    this.#registry.registerMetric(histogram as unknown as Metric);
    return histogram;
  }

  /** A counter by one label of what somebody counts by himself, in plain numbers: read when Prometheus asks. */
  tallied<Label extends string>(
    metric: Omit<MetricOf<Label>, 'labels'>,
    label: Label,
    tally: () => Iterable<[string, number]>,
  ): void {
    const counter = this.counter({ ...metric, labels: [label] });
    this.source(async () => {
      counter.reset();
      for (const [value, count] of tally()) counter.inc({ [label]: value } as Record<Label, string>, count);
    });
  }

  /** Has `collect` set its metrics before each time that they are read; it must not reject, and should not take long. */
  source(collect: () => Promise<void>): void {
    this.#sources.push(collect);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus's text form. Asked twice at once it looks once. */
  text(): Promise<string> {
    this.#collecting ??= (async () => {
      try {
        await Promise.all(this.#sources.map((collect) => collect()));
        return await this.#registry.metrics();
      } finally {
        this.#collecting = undefined;
      }
    })();
    return this.#collecting;
  }
}
