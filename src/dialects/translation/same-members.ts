import type { JsonObject } from "../../model/json.ts";
import type { DialectBounds } from "./bounds.ts";

/**
 * Members of the client's own request that a provider's dialect has under the same name (`guardrailConfig`,
 * `safety_mode`): what a client writes there is meant for that provider, so it is sent as it stands.
 */
export function sameMembersOf(
  extensions: { readonly [dialect: string]: JsonObject },
  { sameMembers = [] }: DialectBounds,
): JsonObject {
  const all = Object.values(extensions).flatMap((members) => Object.entries(members));
  return Object.fromEntries(
    all.filter(([name, value]) => sameMembers.includes(name) && value !== null && value !== undefined),
  );
}
