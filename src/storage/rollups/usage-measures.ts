import { DurationSketch } from "./duration-sketch.ts";
import { type NumberPacker, NumberUnpacker } from "./packed-numbers.ts";

/**
 * What is counted of ended calls, in the order in which it is packed: more may be put at the end, none taken out. The
 * first two have columns of their own. Money is nano-dollars.
 */
export const COUNTERS = [
  "calls",
  "cost",
  "billed",
  "cacheSavings",
  /** Calls without a price, which add nothing to the cost. */
  "unpriced",
  /** Calls whose tokens are an estimate. */
  "estimated",
  "inputTokens",
  "cachedInputTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "inputAudioTokens",
  "inputImageTokens",
  "inputVideoTokens",
  "outputTokens",
  "reasoningTokens",
  "outputAudioTokens",
  "outputImageTokens",
  "outputVideoTokens",
  "billedToolCalls",
  /** Of the calls that went well: how long they took all together, and how many tokens they put out. */
  "timedMs",
  "timedOutputTokens",
  /** Requests that were refused before any call. */
  "refused",
] as const;

export type Counter = (typeof COUNTERS)[number];

/** The place of each counter. */
export const AT = Object.freeze(
  Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as { readonly [Name in Counter]: number },
);

/** Those that have columns of their own. */
const COLUMNS = 2;
const FORMAT = 1;

/** The columns of an attempt's row that are counted. Counts are null while it is open. */
export interface CountedAttempt {
  readonly outcome: string | null;
  readonly usage_source: string | null;
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_5m_tokens: number | null;
  readonly cache_write_1h_tokens: number | null;
  readonly input_audio_tokens: number | null;
  readonly input_image_tokens: number | null;
  readonly input_video_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly output_audio_tokens: number | null;
  readonly output_image_tokens: number | null;
  readonly output_video_tokens: number | null;
  readonly billed_tool_calls: number | null;
  readonly cost_nanodollars: number | null;
  readonly billed_nanodollars: number | null;
  readonly cache_savings_nanodollars: number | null;
  readonly first_token_ms: number | null;
  readonly total_ms: number | null;
}

/** The sums of ended calls, and how their durations are spread. Sums of the same series may be added to each other. */
export class UsageMeasures {
  /** In the order of `COUNTERS`. */
  readonly counts: number[] = [];
  /** Durations of the calls that went well. */
  readonly totalMs: DurationSketch = new DurationSketch();
  readonly firstTokenMs: DurationSketch = new DurationSketch();

  constructor() {
    for (let index = 0; index < COUNTERS.length; index++) this.counts.push(0);
  }

  get(counter: Counter): number {
    return this.counts[AT[counter]] ?? 0;
  }

  /** Gives a count and sets it to nothing, for who adds it up beyond what a number holds exactly. */
  take(counter: Counter): number {
    const count = this.get(counter);
    this.counts[AT[counter]] = 0;
    return count;
  }

  /** Counts an ended attempt. */
  addAttempt(row: CountedAttempt): void {
    this.#add(AT.calls, 1);
    this.#addMoney(row);
    this.#addTokens(row);
    if (row.outcome !== "ok") return;
    this.#add(AT.timedMs, row.total_ms);
    this.#add(AT.timedOutputTokens, row.output_tokens);
    if (row.total_ms !== null) this.totalMs.add(row.total_ms);
    if (row.first_token_ms !== null) this.firstTokenMs.add(row.first_token_ms);
  }

  /** Counts a request that was refused before any attempt. */
  addRefusal(): void {
    this.#add(AT.refused, 1);
  }

  merge(other: UsageMeasures): void {
    for (let index = 0; index < COUNTERS.length; index++) this.#add(index, other.counts[index] ?? 0);
    this.totalMs.merge(other.totalMs);
    this.firstTokenMs.merge(other.firstTokenMs);
  }

  /** All but what has columns of its own, as it is stored. */
  pack(packer: NumberPacker): Uint8Array {
    packer.add(FORMAT);
    packer.add(COUNTERS.length - COLUMNS);
    for (let index = COLUMNS; index < COUNTERS.length; index++) packer.add(this.counts[index] ?? 0);
    this.totalMs.pack(packer);
    this.firstTokenMs.pack(packer);
    return packer.take();
  }

  /** Adds what is stored. What a newer version counts besides is passed over. Throws where it is none of ours. */
  addStored(calls: number, cost: number, packed: Uint8Array): void {
    const unpacker = new NumberUnpacker(packed);
    if (unpacker.next() !== FORMAT)
      throw new Error("usage was stored in a form that this version can't read");
    this.#add(AT.calls, calls);
    this.#add(AT.cost, cost);
    const stored = unpacker.next();
    for (let index = COLUMNS; index < COLUMNS + stored; index++) this.#add(index, unpacker.next());
    this.totalMs.addPacked(unpacker);
    this.firstTokenMs.addPacked(unpacker);
  }

  #addMoney(row: CountedAttempt): void {
    this.#add(AT.cost, row.cost_nanodollars);
    this.#add(AT.billed, row.billed_nanodollars);
    this.#add(AT.cacheSavings, row.cache_savings_nanodollars);
    if (row.cost_nanodollars === null) this.#add(AT.unpriced, 1);
  }

  #addTokens(row: CountedAttempt): void {
    this.#add(AT.inputTokens, row.input_tokens);
    this.#add(AT.cachedInputTokens, row.cached_input_tokens);
    this.#add(AT.cacheWrite5mTokens, row.cache_write_5m_tokens);
    this.#add(AT.cacheWrite1hTokens, row.cache_write_1h_tokens);
    this.#add(AT.inputAudioTokens, row.input_audio_tokens);
    this.#add(AT.inputImageTokens, row.input_image_tokens);
    this.#add(AT.inputVideoTokens, row.input_video_tokens);
    this.#add(AT.outputTokens, row.output_tokens);
    this.#add(AT.reasoningTokens, row.reasoning_tokens);
    this.#add(AT.outputAudioTokens, row.output_audio_tokens);
    this.#add(AT.outputImageTokens, row.output_image_tokens);
    this.#add(AT.outputVideoTokens, row.output_video_tokens);
    this.#add(AT.billedToolCalls, row.billed_tool_calls);
    const isUsed = (row.input_tokens ?? 0) > 0 || (row.output_tokens ?? 0) > 0;
    if (isUsed && row.usage_source === "estimated") this.#add(AT.estimated, 1);
  }

  /** What a provider reports below zero can't be counted. */
  #add(index: number, count: number | null): void {
    if (count !== null && count > 0) this.counts[index] = (this.counts[index] ?? 0) + count;
  }
}

/** What some sums come to together. */
export function sumOf(some: Iterable<UsageMeasures>): UsageMeasures {
  const sum = new UsageMeasures();
  for (const one of some) sum.merge(one);
  return sum;
}
