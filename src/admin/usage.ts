import { z } from "zod";
import { USAGE_GROUPINGS, type UsageLine, usageReport } from "../ledger/usage-report.ts";
import { formatDollars } from "../model/money.ts";
import { adminResource } from "./resource.ts";
import { momentAsked } from "./views/moment.ts";

const groups = z.strictObject({
  provider: z.string(),
  model: z.string(),
  key: z.string(),
  project: z.string(),
  day: z.string(),
} satisfies { readonly [Grouping in (typeof USAGE_GROUPINGS)[number]]: z.ZodType });

const percentiles = z
  .strictObject({ p50: z.number().nullable(), p95: z.number().nullable() })
  .describe("In milliseconds, over the calls that went well");

const usageView = groups
  .partial()
  .extend({
    calls: z.int(),
    errors: z.int(),
    input_tokens: z.int(),
    cached_input_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: z.string().describe("Dollars, an exact decimal"),
    unpriced: z.int().describe("Calls that have no price, hence add nothing to the cost"),
    total_ms: percentiles,
    first_token_ms: percentiles,
  })
  .meta({ id: "UsageLine" });

/** What was called, what it cost and how long it took; costs are exact decimals of dollars, as texts. */
export const readUsage = adminResource({
  operation: "readUsage",
  method: "GET",
  path: "/admin/v1/usage",
  section: "Usage",
  summary: "Read what was used, grouped",
  role: "viewer",
  query: z.strictObject({
    by: z
      .array(z.enum(USAGE_GROUPINGS))
      .default(["provider", "model"])
      .describe("What to group by; days are UTC's"),
    since: momentAsked.optional().describe("Calls that began then or later"),
    until: momentAsked.optional().describe("Calls that began before then"),
    project: z.string().optional(),
    provider: z.string().optional(),
  }),
  answer: z.strictObject({
    data: z.array(usageView).describe("Dearest first"),
    total: usageView.nullable().describe("All together; null where there was no call"),
  }),
  handle: async ({ query: { by, since, until, project, provider } }, { store }) => {
    const { lines, total } = await usageReport(store, {
      by,
      ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
      ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
      ...(project === undefined ? {} : { project }),
      ...(provider === undefined ? {} : { provider }),
    });
    return { data: lines.map(shown), total: total === undefined ? null : shown(total) };
  },
});

function shown(line: UsageLine): z.output<typeof usageView> {
  return {
    ...line.group,
    calls: line.calls,
    errors: line.errors,
    input_tokens: line.inputTokens,
    cached_input_tokens: line.cachedInputTokens,
    output_tokens: line.outputTokens,
    cost_usd: formatDollars(line.cost),
    unpriced: line.unpriced,
    total_ms: { p50: line.totalMs.p50 ?? null, p95: line.totalMs.p95 ?? null },
    first_token_ms: { p50: line.firstTokenMs.p50 ?? null, p95: line.firstTokenMs.p95 ?? null },
  };
}
