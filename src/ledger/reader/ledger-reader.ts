import type { RequestRow } from "../../storage/schema.ts";
import type { RowExportOrder } from "../export/row-export.ts";
import type { ExportPart } from "../export/table-text.ts";
import type { UsageExportOrder } from "../export/usage-export.ts";
import type { LoggedRequest, RequestQuery } from "../requests/request-log.ts";
import type { FoundRows } from "../requests/row-search.ts";
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
  /** Requests or attempts as a table, a part at a time, oldest first. */
  rowExport(order: RowExportOrder): Promise<ExportPart<string>>;
  /** Lets go of the store; what is under way fails. */
  close(): void;
}
