import type { EncodedError } from "../../model/dialect.ts";
import type { ErrorCode } from "../../model/error-table.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import { STATUS_OF_TYPE } from "./decode-error.ts";
import { eventBytes } from "./stream-event.ts";
import { threadRefusal } from "./thread.ts";
import type { WireError, WireErrorType } from "./wire.ts";

/** Errors that Anthropic has a type and status of its own for (https://platform.claude.com/docs/en/api/errors). */
const TYPES: { readonly [C in ErrorCode]?: WireErrorType } = {
  upstream_quota: "billing_error",
  budget_exhausted: "billing_error",
  upstream_overloaded: "overloaded_error",
  overloaded: "overloaded_error",
  draining: "overloaded_error",
  upstream_timeout: "timeout_error",
};

/** An error as Anthropic's envelope; a provider's own answer goes out as it came. */
export function encodeError(error: GatewayError, requestId: string): EncodedError {
  if (error.upstream !== undefined) return error.upstream;
  const type = TYPES[error.code];
  const status = type === undefined ? error.status : (STATUS_OF_TYPE[type] ?? error.status);
  return { status, contentType: "application/json", body: JSON.stringify(envelope(error, requestId)) };
}

/** The event that ends a stream with an error; no `message_stop` follows. Anthropic's SDKs throw on it. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return eventBytes("error", envelope(error, requestId));
}

/** SDKs show the message alone, so the mend stands in it too. */
function envelope(error: GatewayError, requestId: string): WireError {
  const { code, message, mend, field = null } = error;
  return {
    type: "error",
    error: {
      type: TYPES[code] ?? typeOf(error.status),
      message: `${message} ${mend}`,
      details: { error_code: code, field, mend, ...threadRefusal(error) },
    },
    request_id: requestId,
  };
}

function typeOf(status: number): WireErrorType {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}
