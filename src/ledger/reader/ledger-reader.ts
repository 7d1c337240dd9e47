import type { RequestRow } from "../../storage/schema.ts";
import type { BodyQuestion, FoundBody } from "../bodies/body-table.ts";
import type { RowExportOrder } from "../export/row-export.ts";
import type { ExportPart } from "../export/table-text.ts";
import type { UsageExportOrder } from "../export/usage-export.ts";
import type { LoggedRequest, RequestQuery } from "../requests/request-log.ts";
import type { FoundRows } from "../requests/row-search.ts";
import type { RouteResults, RouteResultsQuery } from "../routes/route-results.ts";
import type { UsagePlace, UsageQuery, UsageReport } from "../usage/usage-query.ts";

/** Reads of the ledger that take more than a moment. A gateway carries them out on a thread of their own. */
export interface LedgerReader {
  /** What was used, from the rollups. */
  usage(query: UsageQuery): Promise<UsageReport>;
  /** The same as a table, a part at a time. */
  usageExport(order: UsageExportOrder): Promise<ExportPart<UsagePlace>>;
  /** Requests, newest first. */
  requests(query: RequestQuery): Promise<FoundRows<RequestRow>>;
  /** One request with its attempts; undefined where there is none of that id. */
  request(id: string): Promise<LoggedRequest | undefined>;
  /** A recorded body; undefined where none is kept. Rejects where it was tampered with. */
  body(question: BodyQuestion): Promise<FoundBody | undefined>;
  /** Requests or attempts as a table, a part at a time, oldest first. */
  rowExport(order: RowExportOrder): Promise<ExportPart<string>>;
  /** How the arms of a route did, and its shadow. */
  routeResults(query: RouteResultsQuery): Promise<RouteResults>;
  /** Lets go of the store; what is under way fails. */
  close(): void;
}
