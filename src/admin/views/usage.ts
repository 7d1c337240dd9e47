import { z } from "zod";
import type { Percentiles } from "../../ledger/usage/percentiles.ts";
import {
  TOKEN_FIELDS,
  TOKEN_KINDS,
  type TokenKind,
  type USAGE_GROUPINGS,
  type UsageGrouping,
  type UsageLine,
} from "../../ledger/usage/usage-query.ts";
import { formatDollars } from "../../model/money.ts";

const value = (description: string) => z.string().optional().describe(description);

/** A line's value of each grouping that was asked for. */
const groups = {
  project: value("Where it is grouped by project"),
  key: value("The key's id"),
  end_user: value("Empty for calls that named none; `(others)` beyond 10,000 a day"),
  provider: value("Empty for requests that came to no call"),
  target: value("Provider and model"),
  model: value("The provider's own name of it"),
  operation: value("What was asked for"),
  outcome: value("ok, failed, interrupted, cancelled or blocked"),
  error: value("The class of the failure, or its code where it has no class"),
  day: value("Of UTC"),
  hour: value("The moment at which it begins"),
} satisfies { readonly [Grouping in (typeof USAGE_GROUPINGS)[number]]: z.ZodType };

const count = z.int();

const tokenFields = {
  input_tokens: count.describe("Its parts included"),
  cached_input_tokens: count,
  cache_write_5m_tokens: count,
  cache_write_1h_tokens: count,
  input_audio_tokens: count,
  input_image_tokens: count,
  input_video_tokens: count,
  output_tokens: count.describe("Its parts included"),
  reasoning_tokens: count,
  output_audio_tokens: count,
  output_image_tokens: count,
  output_video_tokens: count,
} satisfies { readonly [Field in (typeof TOKEN_FIELDS)[TokenKind]]: z.ZodType };

const milliseconds = z.number().nullable();
const percentiles = z
  .strictObject({ p50: milliseconds, p90: milliseconds, p95: milliseconds, p99: milliseconds })
  .describe("In milliseconds, over the calls that went well, to one percent");

const dollars = (description: string) => z.string().describe(`${description}: dollars, an exact decimal`);

/** What a group of calls came to, in an answer. */
export const usageView = z
  .strictObject({
    ...groups,
    key_name: z.string().nullable().optional().describe("Beside `key`; null where the key is gone"),
    tags: z.record(z.string(), z.string()).optional().describe("The values of the tags it is grouped by"),
    calls: count.describe("Calls to providers that have ended"),
    errors: count.describe("Of them, those that failed or were interrupted"),
    errors_by_class: z
      .record(z.string(), count)
      .describe("Of failed calls and refused requests, how many of each class, or code where there is none"),
    refused: count.describe("Requests that ended before any call: refused, or given up by their client"),
    ...tokenFields,
    billed_tool_calls: count.describe("Tool calls that the provider bills for"),
    cost_usd: dollars("What providers charge"),
    billed_usd: dollars("The cost with the projects' markups"),
    cache_savings_usd: dollars("What cached input would have cost more"),
    unpriced: count.describe("Calls that have no price, hence add nothing to the cost"),
    estimated: count.describe("Calls whose tokens are an estimate"),
    output_tokens_per_second: z
      .number()
      .nullable()
      .describe("Over the calls that went well, waiting for the first token included"),
    total_ms: percentiles,
    first_token_ms: percentiles,
  })
  .meta({ id: "UsageLine" });

export type UsageView = z.output<typeof usageView>;

/** A line as the API shows it, with its group's values. */
export function shownUsage(line: UsageLine, by: readonly UsageGrouping[]): UsageView {
  return { ...shownGroup(line, by), ...shownSums(line) };
}

function shownGroup({ group, keyName }: UsageLine, by: readonly UsageGrouping[]): Partial<UsageView> {
  const values: [string, string][] = [];
  const tags: [string, string][] = [];
  by.forEach((grouping, index) => {
    const own = group[index] ?? "";
    if (grouping.startsWith("tag:")) tags.push([grouping.slice("tag:".length), own]);
    else values.push([grouping, own]);
  });
  return {
    ...Object.fromEntries(values),
    ...(by.includes("key") ? { key_name: keyName ?? null } : {}),
    ...(tags.length > 0 ? { tags: Object.fromEntries(tags) } : {}),
  };
}

/** A line without its group. */
export function shownSums(line: UsageLine): UsageView {
  const tokens = Object.fromEntries(TOKEN_KINDS.map((kind) => [TOKEN_FIELDS[kind], line.tokens[kind]]));
  return {
    calls: line.calls,
    errors: line.errors,
    errors_by_class: { ...line.errorsByClass },
    refused: line.refused,
    ...(tokens as { [Field in (typeof TOKEN_FIELDS)[TokenKind]]: number }),
    billed_tool_calls: line.billedToolCalls,
    cost_usd: formatDollars(line.cost),
    billed_usd: formatDollars(line.billed),
    cache_savings_usd: formatDollars(line.cacheSavings),
    unpriced: line.unpriced,
    estimated: line.estimated,
    output_tokens_per_second: rounded(line.outputTokensPerSecond),
    total_ms: shownPercentiles(line.totalMs),
    first_token_ms: shownPercentiles(line.firstTokenMs),
  };
}

function shownPercentiles({ p50, p90, p95, p99 }: Percentiles): UsageView["total_ms"] {
  return { p50: p50 ?? null, p90: p90 ?? null, p95: p95 ?? null, p99: p99 ?? null };
}

/** Tenths are as much as anybody reads. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
