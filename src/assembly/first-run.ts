import type { Kysely } from "kysely";
import { createAdminKey, createVirtualKey } from "../policy/identity/key-store.ts";
import type { Tables } from "../storage/schema.ts";

/** The secrets of a first start: shown once, kept as digests. */
export interface FirstSecrets {
  readonly adminKey: string;
  readonly virtualKey: string;
}

/** Makes the first admin key and virtual key where the store has no admin key yet; undefined at every later start. */
export async function firstRun(store: Kysely<Tables>): Promise<FirstSecrets | undefined> {
  const existing = await store.selectFrom("admin_keys").select("id").limit(1).executeTakeFirst();
  if (existing !== undefined) return undefined;
  const virtual = await createVirtualKey(store, { project: "default", name: "first" });
  const admin = await createAdminKey(store, "owner");
  return { adminKey: admin.secret, virtualKey: virtual.secret };
}
