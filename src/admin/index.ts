import { createAdminKey, listAdminKeys, revokeAdminKey } from "./admin-keys.ts";
import { listAlerts, testAlerts } from "./alerts.ts";
import { listAuditLog } from "./audit-log.ts";
import { listBudgets } from "./budgets.ts";
import {
  applyConfiguration,
  checkConfiguration,
  compareRevisions,
  getConfiguration,
  getRevision,
  listRevisions,
  rollbackConfiguration,
} from "./configuration.ts";
import { blockKey, revokeKey, rotateKey, unblockKey } from "./key-actions.ts";
import { createKey, getKey, listKeys, updateKey } from "./keys.ts";
import { listModels } from "./models.ts";
import { getKeyPolicy, getProjectPolicy } from "./policies.ts";
import type { PriceOverrideResources } from "./price-overrides.ts";
import { createProject, deleteProject, getProject, listProjects, updateProject } from "./projects.ts";
import { createProvider, deleteProvider, updateProvider } from "./provider-changes.ts";
import { deleteProviderSecret, listProviderSecrets, setProviderSecret } from "./provider-secrets.ts";
import { getProvider, listProviders } from "./providers.ts";
import { getRequestBody } from "./request-bodies.ts";
import { exportAttempts, exportRequests, getRequest, listRequests } from "./requests.ts";
import type { AdminResource } from "./resource.ts";
import { readRouteResults } from "./route-results.ts";
import { explainRoute } from "./routes.ts";
import { session } from "./session.ts";
import { exportUsage, readUsage } from "./usage.ts";

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
    listAlerts,
    testAlerts,
    ...Object.values(priceOverrides),
    readUsage,
    exportUsage,
    listRequests,
    getRequest,
    getRequestBody,
    exportRequests,
    exportAttempts,
    listAuditLog,
    listAdminKeys,
    createAdminKey,
    revokeAdminKey,
    listProviders,
    getProvider,
    createProvider,
    updateProvider,
    deleteProvider,
    listProviderSecrets,
    setProviderSecret,
    deleteProviderSecret,
    listModels,
    getConfiguration,
    listRevisions,
    getRevision,
    compareRevisions,
    checkConfiguration,
    applyConfiguration,
    rollbackConfiguration,
    explainRoute,
    readRouteResults,
    session,
  ];
}
