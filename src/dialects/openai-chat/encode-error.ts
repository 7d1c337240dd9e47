import type { EncodedError } from "../../model/dialect.ts";
import type { ErrorCode } from "../../model/error-table.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { WireError } from "./wire.ts";

/**
 * OpenAI's own words for kinds of error, where it has them (https://platform.openai.com/docs/guides/error-codes):
 * its clients match on these. Every other code is written as it is in the error table.
 */
const OPENAI_CODES: { readonly [C in ErrorCode]?: string } = {
  missing_key: "invalid_api_key",
  invalid_key: "invalid_api_key",
  revoked_key: "invalid_api_key",
  expired_key: "invalid_api_key",
  expired_token: "invalid_api_key",
  unknown_model: "model_not_found",
  ambiguous_model: "model_not_found",
  upstream_context_too_long: "context_length_exceeded",
  upstream_content_filter: "content_filter",
  upstream_quota: "insufficient_quota",
  upstream_rate_limit: "rate_limit_exceeded",
  too_many_concurrent: "rate_limit_exceeded",
  rate_limited: "rate_limit_exceeded",
  budget_exhausted: "insufficient_quota",
};

/** OpenAI refuses for want of money with 429, and its clients know that by the code; no other status is expected. */
const OPENAI_STATUSES: { readonly [C in ErrorCode]?: number } = { budget_exhausted: 429 };

/** An error as OpenAI's envelope; a provider's own answer goes out as it came. */
export function encodeError(error: GatewayError, requestId: string): EncodedError {
  if (error.upstream !== undefined) return error.upstream;
  const body = JSON.stringify({ error: envelope(error, requestId) });
  const status = OPENAI_STATUSES[error.code] ?? error.status;
  return { status, contentType: "application/json", body };
}

/** The event that ends a stream with an error; no `[DONE]` follows. OpenAI's SDKs throw on it. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return `data: ${JSON.stringify({ error: envelope(error, requestId) })}\n\n`;
}

/** SDKs show the message alone, so the mend stands in it too. */
export function envelope(error: GatewayError, requestId: string): WireError {
  const code = OPENAI_CODES[error.code] ?? error.code;
  return {
    message: `${error.message} ${error.mend}`,
    type: typeOf(error.status, code),
    param: error.field ?? null,
    code,
    request_id: requestId,
    mend: error.mend,
  };
}

function typeOf(status: number, code: string): string {
  if (code === "insufficient_quota") return "insufficient_quota";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
