import type { Kysely } from "kysely";
import type { Change } from "../../storage/change.ts";
import type { Tables, VirtualKeyRow } from "../../storage/schema.ts";
import { makeKey } from "./secret-key.ts";

/** What a virtual key is made of, beside its secret. */
export type VirtualKeyTerms = Pick<
  VirtualKeyRow,
  "name" | "description" | "policy" | "tags" | "expires_at_ms"
>;

/** A virtual key just made or rotated, with the one showing of its secret. */
export interface IssuedKey {
  readonly row: VirtualKeyRow;
  readonly secret: string;
}

/** The virtual key of that id. */
export function findVirtualKey(store: Kysely<Tables>, id: string): Promise<VirtualKeyRow | undefined> {
  return store.selectFrom("virtual_keys").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Makes a virtual key of a project that there is. */
export async function insertVirtualKey(
  change: Change,
  order: VirtualKeyTerms & { readonly project: string; readonly createdBy: string },
): Promise<IssuedKey> {
  const { secret, digest, prefix } = makeKey("virtual");
  const { createdBy, ...terms } = order;
  const row: VirtualKeyRow = {
    ...terms,
    id: `key_${Bun.randomUUIDv7()}`,
    digest,
    prefix,
    previous_digest: null,
    previous_prefix: null,
    previous_until_ms: null,
    created_at_ms: change.atMs,
    created_by: createdBy,
    updated_at_ms: change.atMs,
    rotated_at_ms: null,
    blocked_at_ms: null,
    revoked_at_ms: null,
    revision: change.revision,
  };
  await change.transaction.insertInto("virtual_keys").values(row).execute();
  return { row, secret };
}

/** Changes a virtual key that there is. */
export function updateVirtualKey(
  change: Change,
  id: string,
  terms: Partial<Omit<VirtualKeyRow, "id" | "project" | "revision">>,
): Promise<VirtualKeyRow> {
  return change.transaction
    .updateTable("virtual_keys")
    .set({ ...terms, updated_at_ms: change.atMs, revision: change.revision })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Gives a key a new secret; the one before is taken until its grace is over, if it has any. */
export async function rotateVirtualKey(
  change: Change,
  key: VirtualKeyRow,
  graceMs: number,
): Promise<IssuedKey> {
  const { secret, digest, prefix } = makeKey("virtual");
  const row = await updateVirtualKey(change, key.id, {
    digest,
    prefix,
    previous_digest: key.digest,
    previous_prefix: key.prefix,
    previous_until_ms: change.atMs + graceMs,
    rotated_at_ms: change.atMs,
  });
  return { row, secret };
}
