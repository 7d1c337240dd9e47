import type { Administrator } from "../model/caller.ts";
import { credentialOf } from "../policy/identity/credential.ts";
import type { AdminParts } from "./resource.ts";

/** The administrator behind a request. Throws one of the 401 errors, or `wrong_kind_of_key`. */
export function identifyAdministrator(headers: Headers, { keys }: AdminParts): Administrator {
  return keys.administrator(credentialOf(headers), Date.now());
}
