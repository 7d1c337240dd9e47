import { type AdminRole, roleSuffices } from "../model/admin-role.ts";
import type { Administrator } from "../model/caller.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { credentialOf } from "../policy/identity/credential.ts";
import type { KeyDirectory } from "../policy/identity/key-directory.ts";

/** The administrator behind a request. Throws one of the 401 errors, or `wrong_kind_of_key`. */
export function identifyAdministrator(headers: Headers, keys: KeyDirectory): Administrator {
  return keys.administrator(credentialOf(headers), Date.now());
}

/** Throws `insufficient_role` where one role is needed and a lesser one is held. */
export function refuseLesserRole(needed: AdminRole, held: AdminRole): void {
  if (roleSuffices(held, needed)) return;
  throw new GatewayError("insufficient_role", {
    message: `The role of this admin key is ${held}; ${needed === "owner" ? "owner" : `${needed} or more`} is needed.`,
    mend: `Use an admin key of that role; an owner makes one with \`gatehouse admin-keys create --role ${needed}\`.`,
  });
}
