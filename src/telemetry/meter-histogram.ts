import { Histogram, type MetricValueWithName, type Registry } from "prom-client";
import { BUCKET_SECONDS, type BucketCounts } from "./bucket-counts.ts";
import type { TargetMeter } from "./target-meter.ts";

type Labels = "provider" | "model" | "le";

/** A Prometheus histogram whose counts are kept by the meters and read when the page is asked for. */
export class MeterHistogram extends Histogram<Labels> {
  readonly #name: string;
  readonly #help: string;
  readonly #meters: () => Iterable<TargetMeter>;
  readonly #countsOf: (meter: TargetMeter) => BucketCounts;

  constructor(
    registry: Registry,
    text: { readonly name: string; readonly help: string },
    meters: () => Iterable<TargetMeter>,
    countsOf: (meter: TargetMeter) => BucketCounts,
  ) {
    super({ ...text, registers: [registry], labelNames: ["provider", "model"] });
    this.#name = text.name;
    this.#help = text.help;
    this.#meters = meters;
    this.#countsOf = countsOf;
  }

  /** What prom-client's registry reads a histogram by; its `get` reads this too. Its types don't know it. */
  async getForPromString(): Promise<object> {
    const values = [...this.#meters()].flatMap((meter) => this.#valuesOf(meter));
    return { name: this.#name, help: this.#help, type: "histogram", aggregator: "sum", values };
  }

  #valuesOf(meter: TargetMeter): MetricValueWithName<Labels>[] {
    const counts = this.#countsOf(meter);
    const { provider, model } = meter;
    const buckets = counts.cumulative().map((value, bucket) => ({
      labels: { provider, model, le: BUCKET_SECONDS[bucket] ?? 0 },
      value,
      metricName: `${this.#name}_bucket`,
    }));
    return [
      ...buckets,
      { labels: { provider, model, le: "+Inf" }, value: counts.count, metricName: `${this.#name}_bucket` },
      { labels: { provider, model }, value: counts.sumSeconds, metricName: `${this.#name}_sum` },
      { labels: { provider, model }, value: counts.count, metricName: `${this.#name}_count` },
    ];
  }
}
