import { z } from "zod";
import type { RequestFilters } from "../ledger/requests/request-filters.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { parseDollars } from "../model/money.ts";
import { download, downloadTypes, formatQuery, tableDownload } from "./download.ts";
import { refusedField } from "./judge.ts";
import { cursorTo, pageOf, pageQuery, placeOf } from "./page.ts";
import { adminResource } from "./resource.ts";
import { tagAsked, tagOf } from "./views/asked-tag.ts";
import { momentAsked } from "./views/moment.ts";
import { bodySummaryView, shownBodySummary } from "./views/recorded-body.ts";
import { attemptView, requestView, shownAttempt, shownRequest } from "./views/request.ts";

const section = "Requests";

const dollars = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,9})?$/, { error: "must be a plain decimal with at most nine decimals" })
  .meta({ description: "Dollars, an exact decimal", mend: "Write dollars as a decimal: 0.25." });
const milliseconds = z
  .int()
  .min(0)
  .max(2 ** 31);

/** What is known of a call, whether it is a request or an attempt. */
const callFilters = {
  since: momentAsked.optional().describe("Begun then or later"),
  until: momentAsked.optional().describe("Begun before then"),
  project: z.string().optional(),
  key_id: z.string().optional(),
  end_user: z.string().optional(),
  tag: tagAsked.optional(),
  provider: z
    .string()
    .optional()
    .describe("Of a request, that of the attempt that answered, else of the last"),
  provider_model: z.string().optional().describe("The provider's own name of the model"),
  operation: z.string().optional(),
  outcome: z.enum(["ok", "failed", "interrupted", "cancelled", "blocked"]).optional(),
  error_code: z.string().optional(),
  error_class: z.string().optional(),
} as const;

const requestFilters = {
  ...callFilters,
  id: z.string().optional().describe("As `x-request-id` gave it"),
  model: z.string().optional().describe("As the client named it"),
  dialect: z.string().optional(),
  status: z.int().min(100).max(599).optional(),
  min_cost_usd: dollars.optional(),
  max_cost_usd: dollars.optional(),
  min_ms: milliseconds.optional().describe("Took so long or longer"),
  max_ms: milliseconds.optional(),
  min_attempts: z.int().min(0).max(100).optional().describe("2 for those that went to a second target"),
  replay_of: z.string().optional().describe("Those that were given the kept answer of that request"),
} as const;

const callFiltersSchema = z.strictObject(callFilters).partial();
const requestFiltersSchema = z.strictObject(requestFilters).partial();

/** Requests as they are in the ledger, newest first. */
export const listRequests = adminResource({
  operation: "listRequests",
  method: "GET",
  path: "/admin/v1/requests",
  section,
  summary: "List requests",
  description:
    "A request is here a moment after it began, and once more complete when it has ended. Where what is asked for is rare, a page may be short, or empty, and yet not the last: `next_cursor` says so.",
  role: "viewer",
  query: requestFiltersSchema.extend(pageQuery),
  answer: pageOf(requestView),
  handle: async ({ query: { limit, cursor, ...filters } }, { reader }) => {
    const after = placeOf(LIST, cursor);
    const asked = { filters: filtersOf(filters), limit, ...(after === undefined ? {} : { after }) };
    const { rows, next } = await reader.requests(asked);
    return { data: rows.map(shownRequest), next_cursor: next === undefined ? null : cursorTo(LIST, next) };
  },
});

/** One request with its attempts. */
export const getRequest = adminResource({
  operation: "getRequest",
  method: "GET",
  path: "/admin/v1/requests/:id",
  section,
  summary: "Get a request and its attempts",
  role: "viewer",
  parameters: z.strictObject({ id: z.string().describe("As `x-request-id` gave it") }),
  answer: requestView
    .extend({
      attempts: z.array(attemptView),
      bodies: z.array(bodySummaryView).describe("What is kept of them; read one by `getRequestBody`"),
    })
    .meta({ id: "RequestWithAttempts" }),
  errors: ["not_found"],
  handle: async ({ parameters: { id } }, { reader }) => {
    const found = await reader.request(id);
    if (found === undefined) {
      throw new GatewayError("not_found", {
        message: `The ledger has no request "${id}".`,
        mend: "It is there a moment after the call, until its project's retention deletes it.",
      });
    }
    return {
      ...shownRequest(found.request),
      attempts: found.attempts.map(shownAttempt),
      bodies: found.bodies.map(shownBodySummary),
    };
  },
});

/** Requests as a table. */
export const exportRequests = adminResource({
  operation: "exportRequests",
  method: "GET",
  path: "/admin/v1/requests/export",
  section,
  summary: "Export requests, as a table",
  description: "Sent as it is made, oldest first; those that begin meanwhile are left out.",
  role: "viewer",
  query: requestFiltersSchema.extend(formatQuery),
  answer: download,
  downloadTypes,
  handle: ({ query: { format, ...filters } }, { reader }) => {
    const asked = untilNow(filtersOf(filters));
    return tableDownload<string>("requests", format, (after) =>
      reader.rowExport({
        table: "requests",
        filters: asked,
        format,
        ...(after === undefined ? {} : { after }),
      }),
    );
  },
});

/** Calls to providers as a table. */
export const exportAttempts = adminResource({
  operation: "exportAttempts",
  method: "GET",
  path: "/admin/v1/attempts/export",
  section,
  summary: "Export attempts, as a table",
  description:
    "Every call to a provider with all that is charged of it. Sent as it is made, oldest first; those that begin meanwhile are left out.",
  role: "viewer",
  query: callFiltersSchema.extend(formatQuery),
  answer: download,
  downloadTypes,
  handle: ({ query: { format, ...filters } }, { reader }) => {
    const asked = untilNow(filtersOf(filters));
    return tableDownload<string>("attempts", format, (after) =>
      reader.rowExport({
        table: "attempts",
        filters: asked,
        format,
        ...(after === undefined ? {} : { after }),
      }),
    );
  },
});

const LIST = "requests";

function untilNow(filters: RequestFilters): RequestFilters {
  return { ...filters, untilMs: Math.min(filters.untilMs ?? Number.POSITIVE_INFINITY, Date.now()) };
}

type Asked = z.output<typeof requestFiltersSchema>;

function filtersOf(asked: Asked): RequestFilters {
  if (asked.min_ms !== undefined && asked.max_ms !== undefined && asked.min_ms > asked.max_ms)
    throw refusedField(["min_ms"], "is more than max_ms", "Write the smaller one first.");
  const filters = {
    sinceMs: asked.since === undefined ? undefined : Date.parse(asked.since),
    untilMs: asked.until === undefined ? undefined : Date.parse(asked.until),
    id: asked.id,
    project: asked.project,
    key: asked.key_id,
    endUser: asked.end_user,
    tag: asked.tag === undefined ? undefined : tagOf(asked.tag),
    requestedModel: asked.model,
    provider: asked.provider,
    model: asked.provider_model,
    operation: asked.operation,
    dialect: asked.dialect,
    outcome: asked.outcome,
    status: asked.status,
    errorCode: asked.error_code,
    errorClass: asked.error_class,
    leastCost: asked.min_cost_usd === undefined ? undefined : parseDollars(asked.min_cost_usd),
    mostCost: asked.max_cost_usd === undefined ? undefined : parseDollars(asked.max_cost_usd),
    leastMs: asked.min_ms,
    mostMs: asked.max_ms,
    leastAttempts: asked.min_attempts,
    replayOf: asked.replay_of,
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
