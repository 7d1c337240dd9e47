import { type Kysely, sql } from "kysely";
import { nonEmptyText } from "../../model/caller.ts";
import type { AdminKeyRow, Tables, VirtualKeyRow } from "../../storage/schema.ts";
import { makeKey } from "./secret-key.ts";

/** What a new virtual key is to be. */
export interface VirtualKeyOrder {
  readonly project: string;
  readonly name: string;
  readonly allowedModels?: readonly string[];
  readonly maxConcurrent?: number;
  readonly expiresAtMs?: number;
}

/** A key just made, with the one showing of its secret. */
export interface IssuedKey {
  readonly id: string;
  readonly secret: string;
}

/** Makes a virtual key, and its project if that is new. */
export async function createVirtualKey(store: Kysely<Tables>, order: VirtualKeyOrder): Promise<IssuedKey> {
  const { secret, digest, prefix } = makeKey("virtual");
  const id = `key_${Bun.randomUUIDv7()}`;
  const now = Date.now();
  await store.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("projects")
      .values({ name: nonEmptyText(order.project), created_at_ms: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await transaction
      .insertInto("virtual_keys")
      .values({
        id,
        project: order.project,
        name: order.name,
        digest,
        prefix,
        allowed_models: order.allowedModels === undefined ? null : JSON.stringify(order.allowedModels),
        max_concurrent: order.maxConcurrent ?? null,
        created_at_ms: now,
        expires_at_ms: order.expiresAtMs ?? null,
        revoked_at_ms: null,
        revision: nextRevision,
      })
      .execute();
  });
  return { id, secret };
}

/** Makes an admin key. */
export async function createAdminKey(store: Kysely<Tables>, name: string): Promise<IssuedKey> {
  const { secret, digest, prefix } = makeKey("admin");
  const id = `adm_${Bun.randomUUIDv7()}`;
  const row = {
    id,
    name,
    digest,
    prefix,
    created_at_ms: Date.now(),
    revoked_at_ms: null,
    revision: nextRevision,
  };
  await store.insertInto("admin_keys").values(row).execute();
  return { id, secret };
}

/** Revokes a virtual key by its id, or by its name where only one live key has it. Gives the key's id, if any. */
export async function revokeVirtualKey(store: Kysely<Tables>, idOrName: string): Promise<string | undefined> {
  const found = await store
    .selectFrom("virtual_keys")
    .select(["id"])
    .where((where) => where.or([where("id", "=", idOrName), where("name", "=", idOrName)]))
    .where("revoked_at_ms", "is", null)
    .execute();
  // A key that was named like another's id must not shield it.
  const only = found.find(({ id }) => id === idOrName) ?? (found.length === 1 ? found[0] : undefined);
  if (only === undefined) return undefined;
  await store
    .updateTable("virtual_keys")
    .set({ revoked_at_ms: Date.now(), revision: nextRevision })
    .where("id", "=", only.id)
    .execute();
  return only.id;
}

/** All virtual keys, newest first. */
export function listVirtualKeys(store: Kysely<Tables>): Promise<VirtualKeyRow[]> {
  return store.selectFrom("virtual_keys").selectAll().orderBy("created_at_ms", "desc").execute();
}

/** Keys changed after a revision: how a running gateway hears of what another process did. */
export async function keysChangedSince(
  store: Kysely<Tables>,
  revision: number,
): Promise<{ virtual: VirtualKeyRow[]; admin: AdminKeyRow[] }> {
  return {
    virtual: await store.selectFrom("virtual_keys").selectAll().where("revision", ">", revision).execute(),
    admin: await store.selectFrom("admin_keys").selectAll().where("revision", ">", revision).execute(),
  };
}

/** The highest revision of any key; cheap enough to ask several times a second. */
export async function latestRevision(store: Kysely<Tables>): Promise<number> {
  const row = await store.selectNoFrom([highestRevision.as("revision")]).executeTakeFirstOrThrow();
  return row.revision;
}

const highestRevision = sql<number>`(select max(
  (select coalesce(max(revision), 0) from virtual_keys),
  (select coalesce(max(revision), 0) from admin_keys)
))`;

/** Computed inside the writing statement, so that two processes can't take the same number unseen. */
const nextRevision = sql<number>`${highestRevision} + 1`;
