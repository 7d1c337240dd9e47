import { z } from "zod";
import { USAGE_GROUPINGS, type UsageLine, usageReport } from "../ledger/usage-report.ts";
import { formatDollars } from "../model/money.ts";
import { type AdminResource, readQuery } from "./resource.ts";

const moment = z.iso.datetime({ offset: true }).or(z.iso.date());

const query = z.strictObject({
  by: z
    .string()
    .default("provider,model")
    .transform((names) => names.split(","))
    .pipe(z.array(z.enum(USAGE_GROUPINGS))),
  since: moment.optional(),
  until: moment.optional(),
  project: z.string().optional(),
  provider: z.string().optional(),
});

/** What was called, what it cost and how long it took; costs are exact decimals of dollars, as texts. */
export const readUsage: AdminResource = {
  method: "GET",
  path: "/admin/v1/usage",
  summary: "Read usage, grouped by any of provider, model, key, project, day.",
  handle: async ({ request }, { store }) => {
    const { by, since, until, project, provider } = readQuery(query, request);
    const { lines, total } = await usageReport(store, {
      by,
      ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
      ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
      ...(project === undefined ? {} : { project }),
      ...(provider === undefined ? {} : { provider }),
    });
    return {
      status: 200,
      value: { data: lines.map(shown), total: total === undefined ? null : shown(total) },
    };
  },
};

function shown({ group, cost, ...rest }: UsageLine): object {
  return { ...group, ...rest, cost_usd: formatDollars(cost) };
}
