import { GatewayError } from "../../model/gateway-error.ts";

const BEARER = /^bearer +/i;
const MAX_CREDENTIAL_LENGTH = 256;

/** The key that a request carries: `Authorization: Bearer KEY` or `x-api-key: KEY`. Throws `missing_key`. */
export function credentialOf(headers: Headers): string {
  const authorization = headers.get("authorization");
  const credential = authorization === null ? headers.get("x-api-key") : bearerOf(authorization);
  if (credential === null || credential === "") throw new GatewayError("missing_key");
  if (credential.length > MAX_CREDENTIAL_LENGTH) throw new GatewayError("invalid_key");
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
