import { type NanoDollars, nanoDollars } from "../../model/money.ts";
import { NO_USAGE } from "../../model/usage.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { openPriceBook } from "../price-book.ts";
import { ProbeContext } from "./probe.ts";
import { probes } from "./probes/index.ts";
import type { Subject } from "./subject.ts";

/** What one probe costs at most. */
export interface ProbeEstimate {
  readonly name: string;
  /** Undefined where the probe can't be made. */
  readonly cost: NanoDollars | undefined;
}

/** What each probe costs at most, by the price book; undefined where the model has no price. */
export function estimateCheck(settings: Settings, subject: Subject): readonly ProbeEstimate[] | undefined {
  const prices = openPriceBook(settings);
  const context = new ProbeContext(subject);
  const { upstream, model } = subject.target;
  const estimates: ProbeEstimate[] = [];
  for (const probe of probes) {
    const bound = probe.bound(context);
    const usage = { ...NO_USAGE, inputTokens: bound?.input ?? 0, outputTokens: bound?.output ?? 0 };
    const price = prices.cost(upstream.provider, model, usage, Date.now());
    if (price === undefined) return undefined;
    estimates.push({ name: probe.name, cost: bound === undefined ? undefined : price.cost });
  }
  return estimates;
}

/** All of them together. */
export function sumOfEstimates(estimates: readonly ProbeEstimate[]): NanoDollars {
  return nanoDollars(estimates.reduce((total, { cost }) => total + (cost ?? 0), 0));
}
