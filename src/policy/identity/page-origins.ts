import type { Caller } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";

/**
 * Whether pages of an origin may use a caller's key or token: every policy that lists origins must list it, and where
 * none does the gateway's configuration decides.
 */
export function mayComeFrom(origin: string, { policies }: Caller, configured: ReadonlySet<string>): boolean {
  let isListed = false;
  for (const { policy } of policies) {
    if (policy.origins === undefined) continue;
    if (!policy.origins.includes(origin)) return false;
    isListed = true;
  }
  return isListed || configured.has(origin);
}

/**
 * Refuses a request from a page that the caller's policies don't list. Browsers always say where a page of another
 * origin comes from; what says nothing is no such page. Throws `origin_not_allowed`.
 */
export function refuseOtherOrigin(headers: Headers, caller: Caller, configured: ReadonlySet<string>): void {
  const origin = headers.get("origin");
  if (origin === null || mayComeFrom(origin, caller, configured)) return;
  throw new GatewayError("origin_not_allowed", {
    message: `Pages of this origin may not use this ${caller.token === undefined ? "key" : "token"}.`,
  });
}
