import type { ExportPart } from "../export/table-text.ts";
import type { UsageExportOrder } from "../export/usage-export.ts";
import type { UsagePlace, UsageQuery, UsageReport } from "../usage/usage-query.ts";

/** Reads of the ledger that take more than a moment. A gateway carries them out on a thread of their own. */
export interface LedgerReader {
  /** What was used, from the rollups. */
  usage(query: UsageQuery): Promise<UsageReport>;
  /** The same as a table, a part at a time. */
  usageExport(order: UsageExportOrder): Promise<ExportPart<UsagePlace>>;
  /** Lets go of the store; what is under way fails. */
  close(): void;
}
