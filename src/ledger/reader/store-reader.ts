import type { Database } from "bun:sqlite";
import type { RequestRow } from "../../storage/schema.ts";
import type { SealKey } from "../bodies/body-seal.ts";
import { type BodyQuestion, type FoundBody, readBody } from "../bodies/body-table.ts";
import { type RowExportOrder, rowExportPart } from "../export/row-export.ts";
import type { ExportPart } from "../export/table-text.ts";
import { type UsageExportOrder, usageExportPart } from "../export/usage-export.ts";
import { findRequest, findRequests, type LoggedRequest, type RequestQuery } from "../requests/request-log.ts";
import type { FoundRows } from "../requests/row-search.ts";
import { type RouteResults, type RouteResultsQuery, routeResults } from "../routes/route-results.ts";
import type { UsagePlace, UsageQuery, UsageReport } from "../usage/usage-query.ts";
import { usageReport } from "../usage/usage-report.ts";
import type { LedgerReader } from "./ledger-reader.ts";

/** Reads the store on the thread that asks: for commands, and for the gateway's reading thread. */
export class StoreReader implements LedgerReader {
  readonly #database: Database;
  readonly #sealKeys: () => readonly SealKey[];

  /** Takes the connection over. `sealKeys` are asked for only when a body is to be opened. */
  constructor(database: Database, sealKeys: () => readonly SealKey[] = () => []) {
    this.#database = database;
    this.#sealKeys = sealKeys;
  }

  async usage(query: UsageQuery): Promise<UsageReport> {
    return usageReport(this.#database, query);
  }

  async usageExport(order: UsageExportOrder): Promise<ExportPart<UsagePlace>> {
    return usageExportPart(this.#database, order);
  }

  async requests(query: RequestQuery): Promise<FoundRows<RequestRow>> {
    return findRequests(this.#database, query);
  }

  async request(id: string): Promise<LoggedRequest | undefined> {
    return findRequest(this.#database, id, Date.now());
  }

  async body(question: BodyQuestion): Promise<FoundBody | undefined> {
    return readBody(this.#database, this.#sealKeys(), question, Date.now());
  }

  async rowExport(order: RowExportOrder): Promise<ExportPart<string>> {
    return rowExportPart(this.#database, order);
  }

  async routeResults(query: RouteResultsQuery): Promise<RouteResults> {
    return routeResults(this.#database, query);
  }

  close(): void {
    this.#database.close();
  }
}
