import { isFailure } from "../../model/attempt.ts";
import { UsageMeasures } from "../../storage/rollups/usage-measures.ts";
import { percentilesOf } from "./percentiles.ts";
import type { SelectedSeries } from "./series-selection.ts";
import { TOKEN_KINDS, type TokenKind, type UsageLine } from "./usage-query.ts";

/** What is added up of one group. */
export class UsageGroup {
  readonly group: readonly string[];
  readonly measures = new UsageMeasures();
  readonly #errorsByClass = new Map<string, number>();
  #errors = 0;
  #refused = 0;
  /** Money outgrows what a number holds exactly where much is added up. */
  #cost = 0n;
  #billed = 0n;
  #cacheSavings = 0n;

  constructor(group: readonly string[]) {
    this.group = group;
  }

  /** Adds one row of a series. Throws where this version can't read it. */
  add(series: SelectedSeries, calls: number, cost: number, packed: Uint8Array): void {
    const { measures } = this;
    measures.addStored(calls, 0, packed);
    this.#cost += BigInt(cost);
    this.#billed += BigInt(measures.take("billed"));
    this.#cacheSavings += BigInt(measures.take("cacheSavings"));
    const refused = measures.take("refused");
    this.#refused += refused;
    const isError = isFailure(series.outcome);
    if (isError) this.#errors += calls;
    const failed = (isError ? calls : 0) + refused;
    if (failed > 0) this.#count(series.errorClass || series.outcome, failed);
  }

  /** Adds another group's. */
  merge(other: UsageGroup): void {
    this.measures.merge(other.measures);
    this.#cost += other.#cost;
    this.#billed += other.#billed;
    this.#cacheSavings += other.#cacheSavings;
    this.#errors += other.#errors;
    this.#refused += other.#refused;
    for (const [errorClass, count] of other.#errorsByClass) this.#count(errorClass, count);
  }

  get cost(): bigint {
    return this.#cost;
  }

  get calls(): number {
    return this.measures.get("calls");
  }

  line(keyName: string | undefined): UsageLine {
    const { measures } = this;
    const seconds = measures.get("timedMs") / 1000;
    const timedTokens = measures.get("timedOutputTokens");
    const tokens = Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, measures.get(kind)]));
    return {
      group: this.group,
      ...(keyName === undefined ? {} : { keyName }),
      calls: measures.get("calls"),
      errors: this.#errors,
      errorsByClass: Object.fromEntries([...this.#errorsByClass].sort(([, one], [, other]) => other - one)),
      refused: this.#refused,
      tokens: tokens as { readonly [Kind in TokenKind]: number },
      billedToolCalls: measures.get("billedToolCalls"),
      cost: this.#cost,
      billed: this.#billed,
      cacheSavings: this.#cacheSavings,
      unpriced: measures.get("unpriced"),
      estimated: measures.get("estimated"),
      outputTokensPerSecond: seconds > 0 && timedTokens > 0 ? timedTokens / seconds : undefined,
      totalMs: percentilesOf(measures.totalMs),
      firstTokenMs: percentilesOf(measures.firstTokenMs),
    };
  }

  #count(errorClass: string, count: number): void {
    this.#errorsByClass.set(errorClass, (this.#errorsByClass.get(errorClass) ?? 0) + count);
  }
}
