import type { Kysely } from "kysely";
import { createAdminKey } from "../admin/admin-keys.ts";
import { createKey } from "../admin/keys.ts";
import { perform } from "../admin/perform.ts";
import type { AdminParts, Asker } from "../admin/resource.ts";
import type { Tables } from "../storage/schema.ts";

/** The secrets of a first start: shown once, kept as digests. */
export interface FirstSecrets {
  readonly adminKey: string;
  readonly virtualKey: string;
}

const FIRST_START: Asker = {
  actor: { kind: "gateway", id: "first-start", name: "first start" },
  role: "owner",
};

/** Makes the first admin key and virtual key where the store has no admin key yet; undefined at every later start. */
export async function firstRun(parts: AdminParts): Promise<FirstSecrets | undefined> {
  if (await hasAdminKey(parts.store)) return undefined;
  const input = { parameters: {}, query: new URLSearchParams() };
  const project = { project: "default", name: "first" };
  const virtual = await perform(createKey, { ...input, body: project }, FIRST_START, parts);
  const owner = { name: "owner", role: "owner" };
  const admin = await perform(createAdminKey, { ...input, body: owner }, FIRST_START, parts);
  return { adminKey: admin.key, virtualKey: virtual.key };
}

async function hasAdminKey(store: Kysely<Tables>): Promise<boolean> {
  const existing = await store.selectFrom("admin_keys").select("id").limit(1).executeTakeFirst();
  return existing !== undefined;
}
