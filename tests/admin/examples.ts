import { textAt } from "../process/json.ts";
import type { Administer } from "./administration.ts";

/** A call that succeeds. */
export interface Example {
  /** The path with its parameters and query. */
  readonly path: string;
  readonly body?: unknown;
}

/** Makes what an example needs, anew each time, by an owner's key; then tells the call. */
export type ExampleOf = (administer: Administer) => Promise<Example>;

const path = "/admin/v1";
let made = 0;

/** For every operation of the administration API a call that succeeds. An operation without one fails the tests. */
export const EXAMPLES: { readonly [operation: string]: ExampleOf } = {
  listProjects: async () => ({ path: `${path}/projects?limit=2` }),
  getProject: async (administer) => ({ path: `${path}/projects/${await project(administer)}` }),
  createProject: async () => ({
    path: `${path}/projects`,
    body: { name: `made ${made++}`, title: "Made", markup: "1.25", retention_days: 30, policy: POLICY },
  }),
  updateProject: async (administer) => ({
    path: `${path}/projects/${await project(administer)}`,
    body: { title: null, blocked: false, policy: { max_concurrent: 9, models: null } },
  }),
  deleteProject: async (administer) => ({ path: `${path}/projects/${await project(administer)}` }),
  listKeys: async () => ({ path: `${path}/keys?state=live&tag=team:search&limit=5` }),
  getKey: async (administer) => ({ path: `${path}/keys/${await key(administer)}` }),
  createKey: async () => ({
    path: `${path}/keys`,
    body: {
      project: `made ${made++}`,
      name: "n",
      description: "for what",
      tags: { team: "search" },
      policy: POLICY,
      expires_at: "2099-01-01T00:00:00Z",
    },
  }),
  updateKey: async (administer) => ({
    path: `${path}/keys/${await key(administer)}`,
    body: { name: "other", expires_at: null, policy: { max_output_tokens: 5 } },
  }),
  rotateKey: async (administer) => ({
    path: `${path}/keys/${await key(administer)}/rotate`,
    body: { grace_seconds: 60 },
  }),
  blockKey: async (administer) => ({ path: `${path}/keys/${await key(administer)}/block` }),
  unblockKey: async (administer) => ({ path: `${path}/keys/${await key(administer)}/unblock` }),
  revokeKey: async (administer) => ({ path: `${path}/keys/${await key(administer)}` }),
  getProjectPolicy: async (administer) => ({
    path: `${path}/projects/${await project(administer)}/effective`,
  }),
  getKeyPolicy: async (administer) => ({ path: `${path}/keys/${await key(administer)}/effective` }),
  listAlerts: async () => ({ path: `${path}/alerts?limit=3` }),
  testAlerts: async () => ({ path: `${path}/alerts/test` }),
  listBudgets: async (administer) => {
    await key(administer);
    return { path: `${path}/budgets` };
  },
  listPriceOverrides: async (administer) => {
    await price(administer);
    return { path: `${path}/price-overrides?provider=openai` };
  },
  getPriceOverride: async (administer) => ({ path: `${path}/price-overrides/${await price(administer)}` }),
  createPriceOverride: async () => ({
    path: `${path}/price-overrides`,
    body: { provider: "openai", model: `m${made++}`, price: PRICE, valid_until: "2099-01-01T00:00:00Z" },
  }),
  updatePriceOverride: async (administer) => ({
    path: `${path}/price-overrides/${await price(administer)}`,
    body: { price: { input: 3, output: 4 }, valid_from: "2027-01-01T00:00:00+01:00" },
  }),
  deletePriceOverride: async (administer) => ({
    path: `${path}/price-overrides/${await price(administer)}`,
  }),
  readUsage: async () => ({ path: `${path}/usage?by=project,key,day&since=2026-01-01` }),
  exportUsage: async () => ({ path: `${path}/usage/export?by=project,day&format=json` }),
  listRequests: async () => ({ path: `${path}/requests?limit=3&outcome=ok` }),
  getRequest: async (administer) => {
    const { body } = await administer("GET", `${path}/requests?limit=1`);
    return { path: `${path}/requests/${textAt(body, "data", 0, "id")}` };
  },
  getRequestBody: async (administer) => {
    const { body } = await administer("GET", `${path}/requests?limit=1`);
    return { path: `${path}/requests/${textAt(body, "data", 0, "id")}/bodies/request` };
  },
  exportRequests: async () => ({ path: `${path}/requests/export?format=json&outcome=ok` }),
  exportAttempts: async () => ({ path: `${path}/attempts/export?format=json&provider=replay` }),
  listAuditLog: async () => ({ path: `${path}/audit-log?since=2026-01-01` }),
  listAdminKeys: async () => ({ path: `${path}/admin-keys` }),
  createAdminKey: async () => ({ path: `${path}/admin-keys`, body: { name: "n", role: "viewer" } }),
  revokeAdminKey: async (administer) => {
    const { body } = await administer("POST", `${path}/admin-keys`, { name: "n", role: "viewer" });
    return { path: `${path}/admin-keys/${textAt(body, "id")}` };
  },
  listProviders: async () => ({ path: `${path}/providers` }),
  getProvider: async () => ({ path: `${path}/providers/replay` }),
  createProvider: async () => ({
    path: `${path}/providers`,
    body: { id: `made-${made++}`, settings: PROVIDER, secret: "sk-made", note: "tried" },
  }),
  updateProvider: async (administer) => ({
    path: `${path}/providers/${await provider(administer)}`,
    body: { settings: { models: ["one"], dialect: "openai-chat", timeouts: null }, note: "tried" },
  }),
  deleteProvider: async (administer) => ({ path: `${path}/providers/${await provider(administer)}` }),
  listProviderSecrets: async (administer) => {
    await provider(administer);
    return { path: `${path}/provider-secrets` };
  },
  setProviderSecret: async (administer) => ({
    path: `${path}/providers/${await provider(administer)}/secret`,
    body: { secret: "sk-other", origin: "https://llm.example.com" },
  }),
  deleteProviderSecret: async (administer) => ({
    path: `${path}/providers/${await provider(administer)}/secret`,
  }),
  getConfiguration: async () => ({ path: `${path}/config` }),
  listRevisions: async () => ({ path: `${path}/config/revisions?limit=2` }),
  getRevision: async () => ({ path: `${path}/config/revisions/1` }),
  compareRevisions: async () => ({ path: `${path}/config/diff?from=1&to=1` }),
  checkConfiguration: async (administer) => ({
    path: `${path}/config/check`,
    body: { text: `${await text(administer)}# more\n` },
  }),
  applyConfiguration: async (administer) => ({
    path: `${path}/config/apply`,
    body: { text: `${await text(administer)}# applied ${made++}\n`, note: "tried" },
  }),
  rollbackConfiguration: async (administer) => {
    await provider(administer);
    return { path: `${path}/config/rollback`, body: { note: "tried" } };
  },
  listModels: async () => ({ path: `${path}/models?limit=3` }),
  explainRoute: async (administer) => ({
    path: `${path}/routes/explain`,
    body: { model: "demo/demo", key_id: await key(administer), needs: ["tools"], stream: true },
  }),
  readRouteResults: async () => ({ path: `${path}/routes/spare/results?since=2026-01-01` }),
  getSession: async () => ({ path: `${path}/session` }),
};

/** A policy with every member. */
export const POLICY = {
  models: ["replay/*", "demo/*"],
  providers: ["replay", "demo"],
  regions: ["eu-*"],
  operations: ["chat", "embedding"],
  max_output_tokens: 4000,
  max_concurrent: 20,
  rate_limits: [{ unit: "input_tokens", limit: 100_000, per: "minute" }],
  budgets: [
    {
      name: "monthly",
      amount_usd: 25,
      window: { kind: "calendar", per: "month", time_zone: "Europe/Berlin" },
    },
    { name: "burst", amount_usd: "0.5", window: { kind: "rolling", hours: 24 }, alert_percents: [90] },
  ],
  origins: ["https://app.example.com"],
  recording: { max_bytes: 1000, keep_days: 7 },
};

const PROVIDER = { dialect: "openai-chat", base_url: "https://llm.example.com/v1", models: ["m"] };

async function provider(administer: Administer): Promise<string> {
  const id = `made-${made++}`;
  await administer("POST", `${path}/providers`, { id, settings: PROVIDER, secret: "sk-made" });
  return id;
}

/** A configuration that may come over the network: none of the first one's secrets is in it. */
async function text(administer: Administer): Promise<string> {
  const { body } = await administer("GET", `${path}/config`);
  return textAt(body, "text")
    .replace(/key: \*+/, "key: sk-entered-again")
    .replace(/secret: \*+/, `secret: whsec_${btoa("entered again, twenty-four!!")}`);
}

const PRICE = { input: 1, output: 2.5, cached_input: 0.1 };

async function project(administer: Administer): Promise<string> {
  const name = `made-${made++}`;
  await administer("POST", `${path}/projects`, { name, policy: POLICY });
  return name;
}

async function key(administer: Administer): Promise<string> {
  const order = { project: `made-${made++}`, name: "n", policy: POLICY, tags: { team: "search" } };
  return textAt((await administer("POST", `${path}/keys`, order)).body, "id");
}

async function price(administer: Administer): Promise<string> {
  const order = { provider: "openai", model: `m${made++}`, price: PRICE };
  return textAt((await administer("POST", `${path}/price-overrides`, order)).body, "id");
}
