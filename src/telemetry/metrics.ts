import { Counter, Gauge, Registry } from "prom-client";
import type { AttemptFacts, CallFacts } from "./call-facts.ts";
import { MeterHistogram } from "./meter-histogram.ts";
import { TargetMeter } from "./target-meter.ts";

const NANO = 1e9;
/** Clients choose models' names, so names beyond this many count together: labels are bounded. */
const MAX_METERS = 500;

/** What is read when the metrics are asked for, rather than counted as it happens. */
export interface Gauges {
  openStreams(): number;
  inFlight(): number;
  upstreamInFlight(): Iterable<readonly [provider: string, calls: number]>;
  journalLag(): { readonly bytes: number; readonly oldestMs: number };
  ledgerHealth(): {
    readonly storeFailure: string | undefined;
    readonly journalFailure: string | undefined;
    readonly rejectedLines: number;
    readonly droppedRecords: number;
    readonly droppedBodies: number;
  };
  eventLoopDelayMs(): number;
  configuration(): {
    readonly revision: number;
    readonly problems: readonly { readonly line: number; readonly path: string }[];
  };
}

type Labelled = readonly [labels: Record<string, string>, value: number];

/**
 * Everything counted, in Prometheus' format. Labels: provider, model, dialect, outcome, class; each bounded. Attempts
 * are counted by meters of plain numbers and rendered when the page is asked for: hashing a dozen sets of labels per
 * call would cost more than relaying it.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #meters = new Map<string, Map<string, TargetMeter>>();
  #meterCount = 0;
  /** Calls by dialect and outcome: plain numbers, as in the meters. */
  readonly #requests = new Map<string, Map<string, number>>();
  readonly #refused = this.#counter("gatehouse_errors_total", "Errors given to clients, by code.", ["code"]);
  readonly #failures = this.#counter("gatehouse_upstream_errors_total", "Failed upstream calls, by class.", [
    "provider",
    "class",
  ]);

  readonly #probes = this.#counter(
    "gatehouse_health_probes_total",
    "Probes of providers, by whether they were reached.",
    ["provider", "reached"],
  );

  constructor(gauges: Gauges) {
    this.#requestCounter();
    this.#meteredCounters();
    this.#histograms();
    this.#gauges(gauges);
  }

  /** Counts an attempt's end. */
  attemptEnded(provider: string, model: string, facts: AttemptFacts): void {
    this.#meter(provider, model).note(facts);
    if (facts.errorClass !== undefined) this.#failures.inc({ provider, class: facts.errorClass });
  }

  /** Counts a call's end. */
  callEnded(facts: CallFacts): void {
    const { dialect } = facts.request;
    const { outcome, errorCode } = facts.closing;
    const outcomes = this.#requests.get(dialect) ?? new Map<string, number>();
    if (outcomes.size === 0) this.#requests.set(dialect, outcomes);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (errorCode !== undefined) this.errorGiven(errorCode);
  }

  /** Counts an error given to a client that never became a call (a wrong key, an unknown path). */
  errorGiven(code: string): void {
    this.#refused.inc({ code });
  }

  /** Counts a probe of a provider. */
  probed(provider: string, isReached: boolean): void {
    this.#probes.inc({ provider, reached: String(isReached) });
  }

  /** The page that Prometheus reads. */
  async page(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #meter(provider: string, model: string): TargetMeter {
    const models = this.#meters.get(provider) ?? new Map<string, TargetMeter>();
    const known = models.get(model);
    if (known !== undefined) return known;
    if (this.#meterCount >= MAX_METERS && model !== "other") return this.#meter(provider, "other");
    const meter = new TargetMeter(provider, model);
    this.#meters.set(provider, models.set(model, meter));
    this.#meterCount++;
    return meter;
  }

  *#allMeters(): Generator<TargetMeter> {
    for (const models of this.#meters.values()) yield* models.values();
  }

  #requestCounter(): void {
    const requests = this.#requests;
    new Counter({
      name: "gatehouse_requests_total",
      help: "Finished calls.",
      labelNames: ["dialect", "outcome"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [dialect, outcomes] of requests) {
          for (const [outcome, count] of outcomes) this.inc({ dialect, outcome }, count);
        }
      },
    });
  }

  #meteredCounters(): void {
    this.#read(
      "gatehouse_attempts_total",
      "Finished upstream calls.",
      ["provider", "model", "outcome"],
      (meter) => [...meter.outcomes].map(([outcome, count]) => [{ outcome }, count]),
    );
    this.#read("gatehouse_tokens_total", "Tokens, by kind.", ["provider", "model", "kind"], (meter) => [
      [{ kind: "input" }, meter.inputTokens],
      [{ kind: "cached" }, meter.cachedTokens],
      [{ kind: "output" }, meter.outputTokens],
    ]);
    this.#read("gatehouse_cost_usd_total", "Cost in US dollars.", ["provider", "model"], (meter) => [
      [{}, meter.costNanoDollars / NANO],
    ]);
  }

  #histograms(): void {
    const latency = { name: "gatehouse_attempt_seconds", help: "Upstream calls from sending to their end." };
    const firstToken = {
      name: "gatehouse_first_token_seconds",
      help: "Upstream calls from sending to the first meaningful part of the answer.",
    };
    const meters = () => this.#allMeters();
    new MeterHistogram(this.#registry, latency, meters, (meter) => meter.latency);
    new MeterHistogram(this.#registry, firstToken, meters, (meter) => meter.firstToken);
  }

  #gauges(gauges: Gauges): void {
    this.#gauge("gatehouse_open_streams", "Streams being relayed.", () => gauges.openStreams());
    this.#gauge("gatehouse_in_flight", "Calls admitted and not ended.", () => gauges.inFlight());
    this.#gauge(
      "gatehouse_journal_lag_bytes",
      "Journal not yet in the store.",
      () => gauges.journalLag().bytes,
    );
    this.#gauge(
      "gatehouse_journal_lag_seconds",
      "Age of the oldest journal row not yet in the store.",
      () => {
        return gauges.journalLag().oldestMs / 1000;
      },
    );
    this.#ledgerGauges(gauges);
    this.#gauge("gatehouse_event_loop_delay_seconds", "How late the event loop runs.", () => {
      return gauges.eventLoopDelayMs() / 1000;
    });
    this.#configurationGauges(gauges);
    this.#gauge("gatehouse_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss());
    new Gauge({
      name: "gatehouse_upstream_in_flight",
      help: "Upstream calls in flight, by provider.",
      labelNames: ["provider"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [provider, calls] of gauges.upstreamInFlight()) this.set({ provider }, calls);
      },
    });
  }

  #configurationGauges({ configuration }: Gauges): void {
    this.#gauge("gatehouse_configuration_revision", "The revision in force.", () => configuration().revision);
    new Gauge({
      name: "gatehouse_configuration_problem",
      help: "1 for each problem that keeps a newer configuration from being in force, by its place.",
      labelNames: ["line", "path"],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { line, path } of configuration().problems) this.set({ line: String(line), path }, 1);
      },
    });
  }

  #ledgerGauges({ ledgerHealth }: Gauges): void {
    this.#gauge("gatehouse_store_down", "1 while the store can't be written.", () => {
      return ledgerHealth().storeFailure === undefined ? 0 : 1;
    });
    this.#gauge(
      "gatehouse_journal_down",
      "1 while the journal can't be written; then no call is made.",
      () => {
        return ledgerHealth().journalFailure === undefined ? 0 : 1;
      },
    );
    this.#gauge("gatehouse_journal_rejected_lines", "Journal lines set aside since the start.", () => {
      return ledgerHealth().rejectedLines;
    });
    this.#gauge(
      "gatehouse_journal_dropped_records",
      "Ends given up because the disk refused for too long.",
      () => {
        return ledgerHealth().droppedRecords;
      },
    );
    this.#gauge("gatehouse_recorded_bodies_dropped", "Calls whose bodies the store did not take in.", () => {
      return ledgerHealth().droppedBodies;
    });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  /** A counter that is read from the meters when the page is asked for. */
  #read(
    name: string,
    help: string,
    labelNames: string[],
    valuesOf: (meter: TargetMeter) => Labelled[],
  ): void {
    const meters = () => this.#allMeters();
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const meter of meters()) {
          const { provider, model } = meter;
          for (const [labels, value] of valuesOf(meter)) this.inc({ provider, model, ...labels }, value);
        }
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
