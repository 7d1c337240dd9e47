import { credentialOf } from "../policy/identity/credential.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { Parts } from "./parts.ts";

export type { KnownCaller };

/** The identity behind a request for inference. Throws one of the 401 errors, or `wrong_kind_of_key`. */
export function identify(request: Request, parts: Parts): KnownCaller {
  return parts.keys.caller(
    credentialOf(request.headers, () => request.url),
    Date.now(),
  );
}
