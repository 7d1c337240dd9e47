import { z } from "zod";
import type { CallSums } from "../../ledger/routes/route-results.ts";
import type { Percentiles } from "../../ledger/usage/percentiles.ts";
import { formatDollars } from "../../model/money.ts";

const count = z.int();
const milliseconds = z.number().nullable();
const spread = z
  .strictObject({ p50: milliseconds, p95: milliseconds })
  .describe("In milliseconds, over the calls that went well, to one percent");

/** What some calls came to, in an answer. */
export const callSumsView = z.strictObject({
  calls: count.describe("Those that came to an attempt and have ended"),
  errors: count.describe("Of them, those that failed or were interrupted"),
  input_tokens: count,
  output_tokens: count,
  cost_usd: z.string().describe("What providers charge: dollars, an exact decimal"),
  unpriced: count.describe("Calls that have no price, hence add nothing to the cost"),
  first_token_ms: spread,
  total_ms: spread,
});

/** The sums as the API shows them. */
export function shownCallSums(sums: CallSums): z.output<typeof callSumsView> {
  return {
    calls: sums.calls,
    errors: sums.errors,
    input_tokens: sums.inputTokens,
    output_tokens: sums.outputTokens,
    cost_usd: formatDollars(sums.cost),
    unpriced: sums.unpriced,
    first_token_ms: shownSpread(sums.firstTokenMs),
    total_ms: shownSpread(sums.totalMs),
  };
}

function shownSpread({ p50, p95 }: Percentiles): z.output<typeof spread> {
  return { p50: p50 ?? null, p95: p95 ?? null };
}
