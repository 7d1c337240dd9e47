import type { Migration } from "kysely/migration";
import { firstTables } from "./0001-first-tables.ts";
import { requestWarnings } from "./0002-request-warnings.ts";
import { appliedPrices } from "./0003-applied-prices.ts";
import { projectsAndPolicies } from "./0004-projects-and-policies.ts";
import { tokenIds } from "./0005-token-ids.ts";
import { rollups } from "./0006-rollups.ts";
import { requestLog } from "./0007-request-log.ts";
import { takenRoutes } from "./0008-taken-routes.ts";
import { configurationRevisions } from "./0009-configuration-revisions.ts";
import { alerts } from "./0010-alerts.ts";
import { tokenSpending } from "./0010-token-spending.ts";
import { replayedRequests } from "./0011-replayed-requests.ts";
import { attemptPurpose } from "./0012-attempt-purpose.ts";
import { namedUsage } from "./0013-named-usage.ts";
import { shadowIndex } from "./0014-shadow-index.ts";
import { endUserTotals } from "./0015-end-user-totals.ts";

/** All migrations, in order. The name is the identity: never rename or edit one that was released, add another. */
export const MIGRATIONS: { readonly [name: string]: Migration } = Object.freeze({
  "0001-first-tables": firstTables,
  "0002-request-warnings": requestWarnings,
  "0003-applied-prices": appliedPrices,
  "0004-projects-and-policies": projectsAndPolicies,
  "0005-token-ids": tokenIds,
  "0006-rollups": rollups,
  "0007-request-log": requestLog,
  "0008-taken-routes": takenRoutes,
  "0009-configuration-revisions": configurationRevisions,
  "0010-alerts": alerts,
  "0010-token-spending": tokenSpending,
  "0011-replayed-requests": replayedRequests,
  "0012-attempt-purpose": attemptPurpose,
  "0013-named-usage": namedUsage,
  "0014-shadow-index": shadowIndex,
  "0015-end-user-totals": endUserTotals,
});
