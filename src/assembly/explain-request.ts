import { existsSync } from "node:fs";
import { explainRequest, type RequestExplanation } from "../ledger/explain-request.ts";
import { openSqlite, storePath } from "../storage/open-sqlite.ts";

export type { AttemptExplanation } from "../ledger/attempt-explanation.ts";
export type { RequestExplanation } from "../ledger/explain-request.ts";
export type { Bill, BillLine } from "../ledger/prices/bill.ts";
export { formatDecimal } from "../ledger/prices/decimal.ts";
export { UNITS } from "../ledger/prices/units.ts";

/** Explains a request of a data folder; undefined where there is none. A command that only looks must not make a store. */
export async function readExplanation(
  dataFolder: string,
  requestId: string,
): Promise<RequestExplanation | undefined> {
  if (!existsSync(storePath(dataFolder))) return undefined;
  const store = await openSqlite(dataFolder);
  try {
    return await explainRequest(store, requestId);
  } finally {
    await store.destroy();
  }
}
