import { existsSync } from "node:fs";
import type { Kysely } from "kysely";
import { z } from "zod";
import { adminResources } from "../admin/index.ts";
import { perform } from "../admin/perform.ts";
import { priceOverrideResources } from "../admin/price-overrides.ts";
import type { AdminParts, AdminResource } from "../admin/resource.ts";
import type { ConfigurationState } from "../admin/revisions/configuration-control.ts";
import { RevisionStore } from "../admin/revisions/revision-store.ts";
import { SecretStore } from "../admin/revisions/secret-store.ts";
import { unwrapSchema } from "../config/field.ts";
import type { Sealer } from "../config/sealing.ts";
import { Egress } from "../egress/egress.ts";
import { StoreReader } from "../ledger/reader/store-reader.ts";
import type { WebhookResult } from "../model/webhook.ts";
import { RoutingState } from "../routing/routing-state.ts";
import { openDatabase } from "../storage/open-database.ts";
import { openDatabaseInMemory, openSqlite, openSqliteInMemory, storePath } from "../storage/open-sqlite.ts";
import type { Tables } from "../storage/schema.ts";
import { testWebhook } from "./alerts.ts";
import { bodySealKeys } from "./body-seal-key.ts";
import { ledgerBudgetStates } from "./budget-states.ts";
import { commandLine } from "./command-line-asker.ts";
import type { Settings, SettingsResult } from "./configuration/load-settings.ts";
import { modelPrice } from "./configuration/price-section.ts";
import { processSettings, processSnapshot } from "./configuration/process-settings.ts";
import { CurrentPriceBook } from "./current-price-book.ts";
import { MasterKeys } from "./master-keys.ts";
import { configurationControl } from "./revisions/configuration-control.ts";
import { sealerOf } from "./revisions/open-sealer.ts";
import type { RevisionParts } from "./revisions/running-configuration.ts";
import { type StandingConfiguration, settingsInForce } from "./revisions/settings-in-force.ts";

export { createAdminKey, listAdminKeys, revokeAdminKey } from "../admin/admin-keys.ts";
export { listAlerts, testAlerts } from "../admin/alerts.ts";
export { listAuditLog } from "../admin/audit-log.ts";
export { listBudgets } from "../admin/budgets.ts";
export {
  applyConfiguration,
  checkConfiguration,
  compareRevisions,
  getConfiguration,
  getRevision,
  listRevisions,
  rollbackConfiguration,
} from "../admin/configuration.ts";
export { blockKey, revokeKey, rotateKey, unblockKey } from "../admin/key-actions.ts";
export { createKey, getKey, listKeys, updateKey } from "../admin/keys.ts";
export { createProject, deleteProject, getProject, listProjects, updateProject } from "../admin/projects.ts";
export { deleteProviderSecret, listProviderSecrets, setProviderSecret } from "../admin/provider-secrets.ts";
export { getRequestBody } from "../admin/request-bodies.ts";
export { exportAttempts, exportRequests, getRequest, listRequests } from "../admin/requests.ts";
export type { AdminResource, Download } from "../admin/resource.ts";
export { exportUsage, readUsage } from "../admin/usage.ts";
export type { RevisionShown } from "../admin/views/revision.ts";
export type { UsageView } from "../admin/views/usage.ts";
export { isUsageGrouping, USAGE_GROUPINGS, type UsageGrouping } from "../ledger/usage/usage-query.ts";
export { isDataFolderLocked as isServed } from "../storage/data-lock.ts";

/** What is done with stored prices, whose form is the configuration's. */
export const priceOverrides = priceOverrideResources(modelPrice);

/** Every operation of the administration API. */
export const resources: readonly AdminResource[] = adminResources(priceOverrides);

/** A part of a price, as the configuration names it. */
export interface PricePart {
  readonly name: string;
  readonly description: string;
  readonly isNumber: boolean;
}

/** The parts of a stored price. */
export const PRICE_PARTS: readonly PricePart[] = Object.entries(modelPrice.shape).map(([name, schema]) => ({
  name,
  description: descriptionOf(schema),
  isNumber: unwrapSchema(schema) instanceof z.ZodNumber,
}));

function descriptionOf(schema: z.ZodType): string {
  const inner = unwrapSchema(schema);
  return schema.description ?? (inner instanceof z.ZodType ? inner.description : undefined) ?? "";
}

/** What a command sends. */
export interface CommandInput {
  readonly parameters?: { readonly [name: string]: string };
  readonly query?: { readonly [name: string]: string | number | undefined };
  readonly body?: object;
}

/** Carries out an operation of the administration API on the data folder. Throws GatewayError. */
export type RunOperation = <Answer extends object>(
  resource: AdminResource<unknown, unknown, unknown, Answer>,
  input?: CommandInput,
) => Promise<Answer>;

/**
 * Opens a data folder for one piece of administration, and closes it after. Whoever may write there may do everything.
 * A running gateway sees what was changed within a second.
 */
export async function administer<Result>(
  dataFolder: string,
  work: (run: RunOperation) => Promise<Result>,
): Promise<Result> {
  const opened = new Map<string, AdminParts>();
  const partsFor = async ({ method }: AdminResource): Promise<AdminParts> => {
    // Who only looks must not make a store.
    const isMissing = method === "GET" && !existsSync(storePath(dataFolder));
    const place = isMissing ? "memory" : "folder";
    const parts = opened.get(place) ?? (await commandParts(isMissing ? undefined : dataFolder));
    opened.set(place, parts);
    return parts;
  };
  try {
    return await work(async (resource, { parameters = {}, query = {}, body } = {}) => {
      const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      );
      const input = { parameters, query: new URLSearchParams(given), body };
      return perform(resource, input, commandLine(), await partsFor(resource));
    });
  } finally {
    for (const { store, reader } of opened.values()) {
      reader.close();
      await store.destroy();
    }
  }
}

async function commandParts(dataFolder: string | undefined): Promise<AdminParts> {
  const store = await (dataFolder === undefined ? openSqliteInMemory() : openSqlite(dataFolder));
  const reader = new StoreReader(
    dataFolder === undefined
      ? await openDatabaseInMemory()
      : openDatabase(storePath(dataFolder), { create: false, checkpoint: false }),
    () => (dataFolder === undefined ? [] : bodySealKeys(new MasterKeys(dataFolder, process.env))),
  );
  const revisionParts = revisionsIn(store, dataFolder);
  const standing = await settingsInForce(revisionParts);
  const { result } = standing;
  const settings = "settings" in result ? result.settings : undefined;
  const prices = settings === undefined ? undefined : await CurrentPriceBook.open(store, settings, () => {});
  return {
    store,
    reader,
    budgets: ledgerBudgetStates(store),
    configuration: configurationControl(revisionParts, {
      settings: () => settings,
      state: async () => stateOf(standing),
    }),
    snapshot: () => processSnapshot(needed(settings)),
    prices: () => needed(prices),
    routing: () => new RoutingState(() => processSnapshot(needed(settings)).routing),
    testWebhook: () => testWebhookOnce(needed(settings)),
    changed: async () => {},
  };
}

/**
 * The configuration of a data folder as it runs, or would at the next start. Where nothing is stored yet, what is written.
 * Changes nothing.
 */
export async function standingConfiguration(dataFolder: string): Promise<StandingConfiguration> {
  const isMissing = !existsSync(storePath(dataFolder));
  const store = await (isMissing ? openSqliteInMemory() : openSqlite(dataFolder));
  try {
    return await settingsInForce(revisionsIn(store, dataFolder));
  } finally {
    await store.destroy();
  }
}

/** Everything wrong with a configuration file, or the settings that it would make with what is stored. */
export async function judgeFile(dataFolder: string, file: string | undefined): Promise<SettingsResult> {
  const isMissing = !existsSync(storePath(dataFolder));
  const store = await (isMissing ? openSqliteInMemory() : openSqlite(dataFolder));
  try {
    const { secrets } = revisionsIn(store, dataFolder);
    const { secrets: stored } = secrets.opened(await secrets.list());
    return processSettings({ secrets: stored, ...(file === undefined ? {} : { file }) });
  } finally {
    await store.destroy();
  }
}

/** The stored configurations of a data folder. The master key is looked for when something is sealed or opened. */
function revisionsIn(store: Kysely<Tables>, dataFolder: string | undefined): RevisionParts {
  let sealer: Sealer | undefined;
  const open = (): Sealer => {
    sealer ??= sealerOf(new MasterKeys(dataFolder ?? ".", process.env))();
    return sealer;
  };
  return { store, revisions: new RevisionStore(store, open), secrets: new SecretStore(store, open) };
}

function stateOf({ number, path, result, fileProblems }: StandingConfiguration): ConfigurationState {
  const own = "problems" in result ? result.problems : [];
  return { number, file: path, problems: [...fileProblems, ...own], needsRestart: [] };
}

async function testWebhookOnce(settings: Settings): Promise<WebhookResult | undefined> {
  const egress = new Egress();
  try {
    return await testWebhook(settings, egress);
  } finally {
    egress.close();
  }
}

/** Most commands need no configuration, so a broken one is told only where it is looked at. */
function needed<Part>(part: Part | undefined): Part {
  if (part !== undefined) return part;
  throw Object.assign(new Error("The configuration can't be used."), {
    mend: "`./gatehouse config check` shows what is wrong with it.",
  });
}
