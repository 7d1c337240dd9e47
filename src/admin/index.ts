import { createAdminKey, listAdminKeys, revokeAdminKey } from "./admin-keys.ts";
import { listAuditLog } from "./audit-log.ts";
import { listBudgets } from "./budgets.ts";
import { blockKey, revokeKey, rotateKey, unblockKey } from "./key-actions.ts";
import { createKey, getKey, listKeys, updateKey } from "./keys.ts";
import { listModels } from "./models.ts";
import { getKeyPolicy, getProjectPolicy } from "./policies.ts";
import type { PriceOverrideResources } from "./price-overrides.ts";
import { createProject, deleteProject, getProject, listProjects, updateProject } from "./projects.ts";
import { listProviders } from "./providers.ts";
import { getRequest, listRequests } from "./requests.ts";
import type { AdminResource } from "./resource.ts";
import { explainRoute } from "./routes.ts";
import { session } from "./session.ts";
import { readUsage } from "./usage.ts";

/** Every operation of the administration API, in the order of the documentation. */
export function adminResources(priceOverrides: PriceOverrideResources): readonly AdminResource[] {
  return [
    listProjects,
    getProject,
    createProject,
    updateProject,
    deleteProject,
    listKeys,
    getKey,
    createKey,
    updateKey,
    rotateKey,
    blockKey,
    unblockKey,
    revokeKey,
    getProjectPolicy,
    getKeyPolicy,
    listBudgets,
    ...Object.values(priceOverrides),
    readUsage,
    listRequests,
    getRequest,
    listAuditLog,
    listAdminKeys,
    createAdminKey,
    revokeAdminKey,
    listProviders,
    listModels,
    explainRoute,
    session,
  ];
}
