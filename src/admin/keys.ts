import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { createVirtualKey, listVirtualKeys, revokeVirtualKey } from "../policy/identity/key-store.ts";
import type { VirtualKeyRow } from "../storage/schema.ts";
import { type AdminResource, readInput } from "./resource.ts";

const newKey = z.strictObject({
  project: z.string().trim().min(1).max(100),
  name: z.string().trim().min(1).max(100),
  models: z.array(z.string().min(1).max(200)).max(100).optional(),
  max_concurrent: z.int().min(1).max(1_000_000).optional(),
  expires_at: z.iso
    .datetime({ offset: true })
    .refine((moment) => Date.parse(moment) > Date.now(), "must be in the future")
    .optional(),
});

/** Virtual keys, without their secrets. */
export const listKeys: AdminResource = {
  method: "GET",
  path: "/admin/v1/keys",
  summary: "List virtual keys.",
  handle: async (_visit, { store }) => ({
    status: 200,
    value: { data: (await listVirtualKeys(store)).map(shown) },
  }),
};

/** A new virtual key; its secret is in this one answer and nowhere else. */
export const createKey: AdminResource = {
  method: "POST",
  path: "/admin/v1/keys",
  summary: "Create a virtual key.",
  handle: async ({ body }, { store, keys }) => {
    const order = readInput(newKey, body);
    const { id, secret } = await createVirtualKey(store, {
      project: order.project,
      name: order.name,
      ...(order.models === undefined ? {} : { allowedModels: order.models }),
      ...(order.max_concurrent === undefined ? {} : { maxConcurrent: order.max_concurrent }),
      ...(order.expires_at === undefined ? {} : { expiresAtMs: Date.parse(order.expires_at) }),
    });
    await keys.refresh();
    return { status: 201, value: { id, key: secret, project: order.project, name: order.name } };
  },
};

/** Revokes a virtual key, at once on this process. */
export const revokeKey: AdminResource = {
  method: "DELETE",
  path: "/admin/v1/keys/:id",
  summary: "Revoke a virtual key.",
  handle: async ({ parameters }, { store, keys }) => {
    const revoked = await revokeVirtualKey(store, parameters[0] ?? "");
    if (revoked === undefined) throw new GatewayError("not_found", { message: "No live key has this id." });
    await keys.refresh();
    return { status: 200, value: { id: revoked, revoked: true } };
  },
};

function shown(row: VirtualKeyRow): object {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    prefix: row.prefix,
    models: row.allowed_models === null ? null : JSON.parse(row.allowed_models),
    max_concurrent: row.max_concurrent,
    created_at: time(row.created_at_ms),
    expires_at: time(row.expires_at_ms),
    revoked_at: time(row.revoked_at_ms),
  };
}
