import type { Database } from "bun:sqlite";
import type { ExportPart } from "../export/table-text.ts";
import { type UsageExportOrder, usageExportPart } from "../export/usage-export.ts";
import type { UsagePlace, UsageQuery, UsageReport } from "../usage/usage-query.ts";
import { usageReport } from "../usage/usage-report.ts";
import type { LedgerReader } from "./ledger-reader.ts";

/** Reads the store on the thread that asks: for commands, and for the gateway's reading thread. */
export class StoreReader implements LedgerReader {
  readonly #database: Database;

  /** Takes the connection over. */
  constructor(database: Database) {
    this.#database = database;
  }

  async usage(query: UsageQuery): Promise<UsageReport> {
    return usageReport(this.#database, query);
  }

  async usageExport(order: UsageExportOrder): Promise<ExportPart<UsagePlace>> {
    return usageExportPart(this.#database, order);
  }

  close(): void {
    this.#database.close();
  }
}
