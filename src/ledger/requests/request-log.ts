import type { Database } from "bun:sqlite";
import { attemptIdsOf } from "../../storage/row-ids.ts";
import type { AttemptRow, RequestRow } from "../../storage/schema.ts";
import { type BodySummary, bodiesOf } from "../bodies/body-table.ts";
import { conditionsOf, type RequestFilters, timesOf } from "./request-filters.ts";
import { type FoundRows, searchRows } from "./row-search.ts";

/** Which requests, newest first. */
export interface RequestQuery {
  readonly filters: RequestFilters;
  readonly limit: number;
  /** Only those older than the request of that id. */
  readonly after?: string;
}

/** A request and its attempts, in the order in which they were made. */
export interface LoggedRequest {
  readonly request: RequestRow;
  readonly attempts: readonly AttemptRow[];
  /** What was recorded of its bodies. */
  readonly bodies: readonly BodySummary[];
}

/** Finds requests. Where what is asked for is rare, a page may be short and yet not the last. */
export function findRequests(database: Database, query: RequestQuery): FoundRows<RequestRow> {
  const { filters, limit, after } = query;
  return searchRows<RequestRow>(database, {
    table: "requests",
    order: "newest first",
    ...timesOf(filters),
    conditions: conditionsOf(filters),
    limit,
    ...(after === undefined ? {} : { after }),
  });
}

/** One request; undefined where there is none of that id. */
export function findRequest(database: Database, id: string, nowMs: number): LoggedRequest | undefined {
  const request = database.query<RequestRow, [string]>("select * from requests where id = ?").get(id);
  if (request === null) return undefined;
  return { request, attempts: attemptsOf(database, request), bodies: bodiesOf(database, id, nowMs) };
}

function attemptsOf(database: Database, request: RequestRow): AttemptRow[] {
  const { from, before } = attemptIdsOf(request);
  return database
    .query<AttemptRow, [string, string, string]>(
      "select * from attempts where id >= ? and id < ? and request_id = ? order by ordinal",
    )
    .all(from, before, request.id);
}
