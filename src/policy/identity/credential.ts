import { GatewayError } from "../../model/gateway-error.ts";
import { MAX_TOKEN_LENGTH } from "./sealed-token.ts";
import { kindOf } from "./secret-key.ts";

const BEARER = /^bearer +/i;
const MAX_KEY_LENGTH = 256;

/**
 * The key or browser token that a request carries: `Authorization: Bearer KEY` or `x-api-key: KEY`. Throws
 * `missing_key`, and `invalid_key` for what is too long to be one.
 */
export function credentialOf(headers: Headers): string {
  const authorization = headers.get("authorization");
  const credential = authorization === null ? headers.get("x-api-key") : bearerOf(authorization);
  if (credential === null || credential === "") throw new GatewayError("missing_key");
  const longest = kindOf(credential) === "token" ? MAX_TOKEN_LENGTH : MAX_KEY_LENGTH;
  if (credential.length > longest) throw new GatewayError("invalid_key");
  return credential;
}

function bearerOf(authorization: string): string {
  if (!BEARER.test(authorization)) {
    throw new GatewayError("missing_key", {
      message: "The Authorization header is not of the form `Bearer KEY`.",
    });
  }
  return authorization.replace(BEARER, "").trim();
}
