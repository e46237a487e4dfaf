/** A time series as prom-client's registry takes it. */
interface Series {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram without labels for what is counted for every event: an observation is a search in a short list and two additions, and what Prometheus
 * reads is made when it asks.
 */
export class TalliedHistogram {
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  /** One for each bound, and one for all that is above. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds of the buckets, rising, each inclusive */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** As prom-client's registry asks for it. */
  async get(): Promise<{ name: string; help: string; type: 'histogram'; aggregator: 'sum'; values: Series[] }> {
    const values: Series[] = [];
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      values.push({ labels: { le: this.#bounds[index] ?? '+Inf' }, value: total, metricName: `${this.name}_bucket` });
    }
    values.push({ labels: {}, value: this.#sum, metricName: `${this.name}_sum` });
    values.push({ labels: {}, value: total, metricName: `${this.name}_count` });
    return { name: this.name, help: this.help, type: 'histogram', aggregator: 'sum', values };
  }
}
