import type { Kysely } from "kysely";
import { z } from "zod";
import { ADMIN_ROLES, type AdminRole } from "../model/admin-role.ts";
import { GatewayError } from "../model/gateway-error.ts";
import {
  findAdminKey,
  insertAdminKey,
  liveOwners,
  revokeAdminKey as revoke,
} from "../policy/identity/admin-key-store.ts";
import { type Change, change } from "../storage/change.ts";
import type { AdminKeyRow, Tables } from "../storage/schema.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { madeBy, recordChange } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { adminKeyView, shownAdminKey } from "./views/admin-key.ts";
import { momentShown, momentToCome, shownMoment } from "./views/moment.ts";

const section = "Admin keys";
const parameters = z.strictObject({ id: z.string().describe("The admin key's id") });

/** Admin keys, newest first. */
export const listAdminKeys = adminResource({
  operation: "listAdminKeys",
  method: "GET",
  path: "/admin/v1/admin-keys",
  section,
  summary: "List admin keys",
  role: "viewer",
  query: z.strictObject(pageQuery),
  answer: pageOf(adminKeyView),
  handle: async ({ query: { limit, cursor } }, { store }) => {
    const nowMs = Date.now();
    const before = placeOf("admin-keys", cursor);
    let rows = store.selectFrom("admin_keys").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    const found = await rows
      .orderBy("id", "desc")
      .limit(limit + 1)
      .execute();
    const show = (row: AdminKeyRow) => shownAdminKey(row, nowMs);
    return page("admin-keys", found, { limit, place: ({ id }) => id, show });
  },
});

/** A new admin key; its secret is in this one answer and nowhere else. */
export const createAdminKey = adminResource({
  operation: "createAdminKey",
  method: "POST",
  path: "/admin/v1/admin-keys",
  section,
  summary: "Create an admin key",
  description: "The answer holds its secret, this once.",
  role: "owner",
  body: z.strictObject({
    name: z.string().trim().min(1).max(100).describe("Whose it is"),
    role: z
      .enum(ADMIN_ROLES)
      .describe("A viewer reads, an operator changes all but admin keys, an owner everything"),
    expires_at: momentToCome.optional(),
  }),
  status: 201,
  answer: adminKeyView
    .extend({ key: z.string().describe("The secret: in this one answer and nowhere else") })
    .meta({ id: "CreatedAdminKey" }),
  handle: async ({ body, asker }, { store, changed }) => {
    const answer = await change(store, async (made) => {
      const { row, secret } = await insertAdminKey(made, {
        name: body.name,
        role: body.role,
        expiresAtMs: body.expires_at === undefined ? null : Date.parse(body.expires_at),
        createdBy: madeBy(asker),
      });
      const shown = shownAdminKey(row, made.atMs);
      await recordChange(made, asker, { action: "create", resource: "admin_key", id: row.id, after: shown });
      return { ...shown, key: secret };
    });
    await changed();
    return answer;
  },
});

/** Revokes an admin key, for ever, at once on this process. */
export const revokeAdminKey = adminResource({
  operation: "revokeAdminKey",
  method: "DELETE",
  path: "/admin/v1/admin-keys/:id",
  section,
  summary: "Revoke an admin key",
  description:
    "For ever. The last owner's can't be. Revoking one that is revoked answers the same and changes nothing.",
  role: "owner",
  parameters,
  answer: z.strictObject({ id: z.string(), revoked: z.literal(true), revoked_at: momentShown }),
  errors: ["not_found", "conflict"],
  handle: async ({ parameters: { id }, asker }, { store, changed }) => {
    const revokedAtMs = await change(store, async (made) => {
      const before = await presentAdminKey(made.transaction, id);
      if (before.revoked_at_ms !== null) return before.revoked_at_ms;
      await refuseLastOwner(made, before);
      const after = await revoke(made, id);
      await recordChange(made, asker, {
        action: "revoke",
        resource: "admin_key",
        id,
        before: shownAdminKey(before, made.atMs),
        after: shownAdminKey(after, made.atMs),
      });
      return made.atMs;
    });
    await changed();
    return { id, revoked: true, revoked_at: shownMoment(revokedAtMs) };
  },
});

async function presentAdminKey(store: Kysely<Tables>, id: string): Promise<AdminKeyRow> {
  const row = await findAdminKey(store, id);
  if (row !== undefined) return row;
  throw new GatewayError("not_found", {
    message: `There is no admin key "${id}".`,
    mend: "GET /admin/v1/admin-keys (`gatehouse admin-keys list`) lists them.",
  });
}

/** Without an owner nobody could make admin keys any more. */
async function refuseLastOwner({ transaction, atMs }: Change, key: AdminKeyRow): Promise<void> {
  const isOwner = key.role === ("owner" satisfies AdminRole);
  const isLive = key.expires_at_ms === null || key.expires_at_ms > atMs;
  if (!isOwner || !isLive || (await liveOwners(transaction, atMs)) > 1) return;
  throw new GatewayError("conflict", {
    message: `"${key.name}" is the last owner's key.`,
    mend: "Make another admin key with the role owner first.",
  });
}
