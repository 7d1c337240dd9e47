import { existsSync } from "node:fs";
import { type UsageQuery, type UsageReport, usageReport } from "../ledger/usage-report.ts";
import { openSqlite, storePath } from "../storage/open-sqlite.ts";

export {
  USAGE_GROUPINGS,
  type UsageGrouping,
  type UsageLine,
  type UsageReport,
} from "../ledger/usage-report.ts";

/** Reads the usage of a data folder. A command that only looks must not make one. */
export async function readUsage(dataFolder: string, query: UsageQuery): Promise<UsageReport> {
  if (!existsSync(storePath(dataFolder))) return { lines: [], total: undefined };
  const store = await openSqlite(dataFolder);
  try {
    return await usageReport(store, query);
  } finally {
    await store.destroy();
  }
}
