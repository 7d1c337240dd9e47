import { z } from "zod";
import {
  USAGE_GROUPINGS,
  type UsageGrouping,
  type UsagePlace,
  type UsageQuery,
} from "../ledger/usage/usage-query.ts";
import { download, downloadTypes, formatQuery, tableDownload } from "./download.ts";
import { refusedField } from "./judge.ts";
import { cursorTo, pageQuery, placeOf } from "./page.ts";
import { adminResource } from "./resource.ts";
import { tagAsked, tagOf } from "./views/asked-tag.ts";
import { momentAsked, momentOrNull, shownMomentOrNull } from "./views/moment.ts";
import { shownSums, shownUsage, usageView } from "./views/usage.ts";

const tagGrouping = z.templateLiteral(["tag:", z.string().regex(/^[A-Za-z0-9._-]+$/)]);

const groupings = z
  .array(z.union([z.enum(USAGE_GROUPINGS), tagGrouping]))
  .max(6)
  .meta({
    description: "What to group by, commas between; `tag:NAME` for a tag; days and hours are UTC's",
    mend: `Write up to six of ${USAGE_GROUPINGS.join(", ")} and tag:NAME, with commas between.`,
  });

/** What usage is picked and grouped by. */
const usageQuery = {
  by: groupings.default(["provider", "model"]),
  order: z
    .enum(["cost", "group"])
    .default("cost")
    .describe("Dearest first, or by the groups' values, rising"),
  since: momentAsked.optional().describe("From the hour on in which it lies; for end users, the day"),
  until: momentAsked
    .optional()
    .describe("Up to the end of the hour in which it lies; for end users, the day"),
  project: z.string().optional(),
  key_id: z.string().optional(),
  end_user: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional().describe("The provider's own name of it"),
  operation: z.string().optional(),
  outcome: z.enum(["ok", "failed", "interrupted", "cancelled", "blocked"]).optional(),
  error: z.string().optional().describe("A class of failures, or a code"),
  tag: tagAsked.optional(),
} as const;

const usageQuerySchema = z.strictObject(usageQuery);

/** What was called, what it cost and how long it took; costs are exact decimals of dollars, as texts. */
export const readUsage = adminResource({
  operation: "readUsage",
  method: "GET",
  path: "/admin/v1/usage",
  section: "Usage",
  summary: "Read what was used, grouped",
  description:
    "Counted as calls end, by the hour (by end user: by the day), and kept when the requests themselves are deleted. What is counted between two pages may move a line from one to the other.",
  role: "viewer",
  query: usageQuerySchema.extend(pageQuery),
  answer: z.strictObject({
    data: z.array(usageView),
    total: usageView.nullable().describe("All lines of all pages together; null where there is none"),
    from: momentOrNull.describe("Where the first hour or day that was counted begins; null for no bound"),
    to: momentOrNull.describe("Where the last one ends"),
    next_cursor: z.string().nullable().describe("For the next page; null on the last"),
  }),
  handle: async ({ query }, { reader }) => {
    const { by } = query;
    const after = lineAt(query.cursor, by);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const report = await reader.usage({ ...usageAsked(query), page });
    return {
      data: report.lines.map((line) => shownUsage(line, by)),
      total: report.total === undefined ? null : shownSums(report.total),
      from: shownMomentOrNull(report.fromMs ?? null),
      to: shownMomentOrNull(report.toMs ?? null),
      next_cursor: report.next === undefined ? null : cursorTo(LIST, JSON.stringify(report.next)),
    };
  },
});

/** The same as a table. */
export const exportUsage = adminResource({
  operation: "exportUsage",
  method: "GET",
  path: "/admin/v1/usage/export",
  section: "Usage",
  summary: "Export what was used, as a table",
  description: "Sent as it is made, all lines. Numbers and names are those of `readUsage`, in columns.",
  role: "viewer",
  query: usageQuerySchema.extend(formatQuery),
  answer: download,
  downloadTypes,
  handle: async ({ query: { format, ...query } }, { reader }) => {
    const asked = usageAsked(query);
    return tableDownload<UsagePlace>("usage", format, (after) =>
      reader.usageExport({ query: asked, format, ...(after === undefined ? {} : { after }) }),
    );
  },
});

/** What is asked of the ledger. Throws `invalid_request` where what was asked for is not kept. */
function usageAsked(query: z.output<typeof usageQuerySchema>): UsageQuery {
  const { by, order, since, until, project, key_id, end_user, provider, model, operation, outcome, error } =
    query;
  if (by.includes("hour") && (by.includes("end_user") || end_user !== undefined))
    throw refusedField(
      ["by"],
      "can't be hours of end users",
      "End users are counted by the day: ask for day.",
    );
  return {
    by,
    order,
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    ...(project === undefined ? {} : { project }),
    ...(key_id === undefined ? {} : { key: key_id }),
    ...(end_user === undefined ? {} : { endUser: end_user }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(operation === undefined ? {} : { operation }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(error === undefined ? {} : { error }),
    ...(query.tag === undefined ? {} : { tag: tagOf(query.tag) }),
  };
}

const LIST = "usage";

const storedPlace = z.strictObject({
  cost: z.string().regex(/^\d{1,40}$/),
  calls: z.int(),
  group: z.array(z.string()),
});

function lineAt(cursor: string | undefined, by: readonly UsageGrouping[]): UsagePlace | undefined {
  const place = placeOf(LIST, cursor);
  if (place === undefined) return undefined;
  const parsed = storedPlace.safeParse(parse(place));
  if (parsed.success && parsed.data.group.length === by.length) return parsed.data;
  throw refusedField(
    ["cursor"],
    "is none of this query",
    "Leave it out, or ask again as for the page before.",
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
