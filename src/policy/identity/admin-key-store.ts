import { type Kysely, sql } from "kysely";
import type { AdminRole } from "../../model/admin-role.ts";
import type { Change } from "../../storage/change.ts";
import type { AdminKeyRow, Tables } from "../../storage/schema.ts";
import { makeKey } from "./secret-key.ts";

/** What a new admin key is to be. */
export interface AdminKeyOrder {
  readonly name: string;
  readonly role: AdminRole;
  readonly expiresAtMs: number | null;
  readonly createdBy: string;
}

/** An admin key just made, with the one showing of its secret. */
export interface IssuedAdminKey {
  readonly row: AdminKeyRow;
  readonly secret: string;
}

/** Makes an admin key. */
export async function insertAdminKey(change: Change, order: AdminKeyOrder): Promise<IssuedAdminKey> {
  const { secret, digest, prefix } = makeKey("admin");
  const row: AdminKeyRow = {
    id: `adm_${Bun.randomUUIDv7()}`,
    name: order.name,
    digest,
    prefix,
    role: order.role,
    created_at_ms: change.atMs,
    created_by: order.createdBy,
    expires_at_ms: order.expiresAtMs,
    revoked_at_ms: null,
    revision: change.revision,
  };
  await change.transaction.insertInto("admin_keys").values(row).execute();
  return { row, secret };
}

/** The admin key of that id. */
export function findAdminKey(store: Kysely<Tables>, id: string): Promise<AdminKeyRow | undefined> {
  return store.selectFrom("admin_keys").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Revokes an admin key that there is. */
export function revokeAdminKey(change: Change, id: string): Promise<AdminKeyRow> {
  return change.transaction
    .updateTable("admin_keys")
    .set({ revoked_at_ms: change.atMs, revision: change.revision })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** How many admin keys of the role `owner` open something at a moment. */
export async function liveOwners(store: Kysely<Tables>, atMs: number): Promise<number> {
  const row = await store
    .selectFrom("admin_keys")
    .select(sql<number>`count(*)`.as("count"))
    .where("role", "=", "owner" satisfies AdminRole)
    .where("revoked_at_ms", "is", null)
    .where((where) => where.or([where("expires_at_ms", "is", null), where("expires_at_ms", ">", atMs)]))
    .executeTakeFirstOrThrow();
  return row.count;
}
