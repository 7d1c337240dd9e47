import { credentialOf } from "../policy/identity/credential.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import { refuseOtherOrigin } from "../policy/identity/page-origins.ts";
import { kindOf } from "../policy/identity/secret-key.ts";
import type { Parts } from "./parts.ts";

export type { KnownCaller };

/**
 * The identity behind a request for inference: that of a virtual key, or of a browser token. Throws one of the 401
 * errors, `wrong_kind_of_key`, or `origin_not_allowed` where its policies list other pages.
 */
export function identify(request: Request, parts: Parts): KnownCaller {
  const { headers } = request;
  const credential = credentialOf(headers, () => request.url);
  const judge = kindOf(credential) === "token" ? parts.tokens : parts.keys;
  const caller = judge.caller(credential, Date.now());
  refuseOtherOrigin(headers, caller, parts.configuredOrigins);
  return caller;
}
