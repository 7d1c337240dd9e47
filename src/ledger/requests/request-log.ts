import type { Database } from "bun:sqlite";
import { idBefore, idFrom } from "../../storage/row-ids.ts";
import type { AttemptRow, RequestRow } from "../../storage/schema.ts";
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
export function findRequest(database: Database, id: string): LoggedRequest | undefined {
  const request = database.query<RequestRow, [string]>("select * from requests where id = ?").get(id);
  return request === null ? undefined : { request, attempts: attemptsOf(database, request) };
}

/** A request still open has run for as long as this at most. */
const DAY_MS = 86_400_000;

/** Attempts are made while their request runs, and stand in the order of time. */
function attemptsOf(database: Database, { id, received_at_ms: fromMs, total_ms }: RequestRow): AttemptRow[] {
  const untilMs = fromMs + (total_ms ?? DAY_MS);
  return database
    .query<AttemptRow, [string, string, string]>(
      "select * from attempts where id >= ? and id < ? and request_id = ? order by ordinal",
    )
    .all(idFrom("att_", fromMs), idBefore("att_", untilMs + 1), id);
}
