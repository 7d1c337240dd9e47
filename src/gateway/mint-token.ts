import { type TokenOrder, tokenOrder } from "../policy/document/token-order.ts";
import { credentialOf } from "../policy/identity/credential.ts";
import type { Reply } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";

export { type TokenOrder, tokenOrder };

/**
 * Mints a browser token with the key that a request carries. Throws `invalid_request` where the token would exceed the
 * key, and `wrong_kind_of_key` where the request itself came with a token.
 */
export function mintToken(headers: Headers, order: TokenOrder, requestId: string, parts: Parts): Reply {
  const { token, claims } = parts.tokens.mint(credentialOf(headers), order, Date.now());
  const { id, key, user, policy, issued, expires } = claims;
  parts.telemetry.log.info(
    { request_id: requestId, key_id: key, token_id: id, end_user: user, expires_at_ms: expires },
    "browser token minted",
  );
  const answer = {
    object: "browser_token",
    id,
    token,
    key_id: key,
    end_user: user,
    created_at: new Date(issued).toISOString(),
    expires_at: new Date(expires).toISOString(),
    policy,
  };
  return { status: 201, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
}
