import type { Kysely } from "kysely";
import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { formatDollars } from "../model/money.ts";
import type { AttemptRow, RequestRow, Tables } from "../storage/schema.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { adminResource } from "./resource.ts";
import { momentAsked } from "./views/moment.ts";
import { attemptView, requestView, shownAttempt, shownRequest } from "./views/request.ts";

const section = "Requests";

/** Requests as they are in the ledger, newest first. */
export const listRequests = adminResource({
  operation: "listRequests",
  method: "GET",
  path: "/admin/v1/requests",
  section,
  summary: "List requests",
  description: "A request is here a moment after it began, and once more complete when it has ended.",
  role: "viewer",
  query: z.strictObject({
    ...pageQuery,
    since: momentAsked.optional().describe("Received then or later"),
    until: momentAsked.optional().describe("Received before then"),
    project: z.string().optional(),
    key_id: z.string().optional(),
    model: z.string().optional().describe("As the client named it"),
    outcome: z.enum(["ok", "failed", "interrupted", "cancelled", "blocked"]).optional(),
    status: z.int().min(100).max(599).optional(),
    end_user: z.string().optional(),
  }),
  answer: pageOf(requestView),
  handle: async ({ query }, { store }) => {
    const before = placeOf("requests", query.cursor);
    let rows = store.selectFrom("requests").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    if (query.since !== undefined) rows = rows.where("received_at_ms", ">=", Date.parse(query.since));
    if (query.until !== undefined) rows = rows.where("received_at_ms", "<", Date.parse(query.until));
    if (query.model !== undefined) rows = rows.where("requested_model", "=", query.model);
    for (const column of ["project", "key_id", "outcome", "status", "end_user"] as const) {
      const wanted = query[column];
      if (wanted !== undefined) rows = rows.where(column, "=", wanted);
    }
    const found = await rows
      .orderBy("id", "desc")
      .limit(query.limit + 1)
      .execute();
    return page("requests", found, { limit: query.limit, place: ({ id }) => id, show: shownRequest });
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
      cost_usd: z.string().describe("Of all attempts together: dollars, an exact decimal"),
      billed_usd: z.string().describe("Of all attempts together, with the project's markup"),
      attempts: z.array(attemptView),
    })
    .meta({ id: "RequestWithAttempts" }),
  errors: ["not_found"],
  handle: async ({ parameters: { id } }, { store }) => {
    const row = await store.selectFrom("requests").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) {
      throw new GatewayError("not_found", {
        message: `The ledger has no request "${id}".`,
        mend: "It is there a moment after the call. Refused calls that reached no provider have no row.",
      });
    }
    const attempts = await attemptsOf(store, row);
    return {
      ...shownRequest(row),
      cost_usd: sumOf(attempts.map(({ cost_nanodollars: cost }) => cost)),
      billed_usd: sumOf(attempts.map(({ billed_nanodollars: billed }) => billed)),
      attempts: attempts.map(shownAttempt),
    };
  },
});

function sumOf(amounts: readonly (number | null)[]): string {
  return formatDollars(amounts.reduce<bigint>((sum, amount) => sum + BigInt(amount ?? 0), 0n));
}

/** Attempts are found by their time, which is indexed; what else ran meanwhile is passed over. */
function attemptsOf(store: Kysely<Tables>, request: RequestRow): Promise<AttemptRow[]> {
  const { id, received_at_ms: fromMs, total_ms: totalMs } = request;
  return store
    .selectFrom("attempts")
    .selectAll()
    .where("started_at_ms", ">=", fromMs)
    .where("started_at_ms", "<=", totalMs === null ? Date.now() : fromMs + totalMs + 1000)
    .where("request_id", "=", id)
    .orderBy("ordinal")
    .execute();
}
