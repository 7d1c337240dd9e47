import { GatewayError } from "../../model/gateway-error.ts";
import { MAX_TOKEN_LENGTH } from "./sealed-token.ts";
import { kindOf } from "./secret-key.ts";

const BEARER = /^bearer +/i;
const MAX_KEY_LENGTH = 256;

/** Headers that carry a key as it is: Anthropic's clients send it in the first, Google's in the second. */
const KEY_HEADERS = ["x-api-key", "x-goog-api-key"];

/**
 * The key or browser token that a request carries: `Authorization: Bearer KEY`, `x-api-key: KEY` or
 * `x-goog-api-key: KEY`. Throws `missing_key`, and `invalid_key` for what is too long to be one; `address`, which is only
 * asked for where there is none, tells whether the key stands where it must not.
 */
export function credentialOf(headers: Headers, address: () => string = () => ""): string {
  const authorization = headers.get("authorization");
  const credential = authorization === null ? plainKey(headers) : bearerOf(authorization);
  if (credential === undefined || credential === "") throw missing(address());
  const longest = kindOf(credential) === "token" ? MAX_TOKEN_LENGTH : MAX_KEY_LENGTH;
  if (credential.length > longest) throw new GatewayError("invalid_key");
  return credential;
}

function plainKey(headers: Headers): string | undefined {
  for (const name of KEY_HEADERS) {
    const key = headers.get(name);
    if (key !== null) return key;
  }
  return undefined;
}

/** Google's API takes `?key=`, which leaves the key in every log and proxy on the way. */
function missing(address: string): GatewayError {
  if (!/[?&]key=/.test(address)) return new GatewayError("missing_key");
  return new GatewayError("missing_key", {
    message: "The key stands in the address, where logs keep it, and is not taken from there.",
    mend: "Send it as the header 'x-goog-api-key: gh_...', as Google's SDKs do, and make a new one: this one may have been seen.",
  });
}

function bearerOf(authorization: string): string {
  if (!BEARER.test(authorization)) {
    throw new GatewayError("missing_key", {
      message: "The Authorization header is not of the form `Bearer KEY`.",
    });
  }
  return authorization.replace(BEARER, "").trim();
}
