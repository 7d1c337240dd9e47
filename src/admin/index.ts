import { createKey, listKeys, revokeKey } from "./keys.ts";
import { listProviders } from "./providers.ts";
import type { AdminResource } from "./resource.ts";
import { session } from "./session.ts";
import { readUsage } from "./usage.ts";

/** Every operation of the administration API. */
export const adminResources: readonly AdminResource[] = [
  session,
  listKeys,
  createKey,
  revokeKey,
  listProviders,
  readUsage,
];
