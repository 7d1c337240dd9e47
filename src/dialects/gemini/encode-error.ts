import type { EncodedError } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { WireError, WireErrorDetail } from "./wire.ts";

/** google.rpc.Code's names by the HTTP status that each is sent with (https://cloud.google.com/apis/design/errors). */
const STATUS_NAMES: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  // Money is a quota like any other; Google has no status of its own for it.
  [402, "RESOURCE_EXHAUSTED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

/** An error as Google's envelope; a provider's own answer goes out as it came. */
export function encodeError(error: GatewayError, requestId: string): EncodedError {
  if (error.upstream !== undefined) return error.upstream;
  const body = JSON.stringify({ error: envelope(error, requestId) });
  return { status: error.status, contentType: "application/json", body };
}

/** The event that ends a stream with an error. Google's SDKs throw on it, by its code. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return `data: ${JSON.stringify({ error: envelope(error, requestId) })}\r\n\r\n`;
}

/** SDKs show the envelope alone, so the mend stands in the message too. */
function envelope(error: GatewayError, requestId: string): WireError {
  return {
    code: error.status,
    message: `${error.message} ${error.mend}`,
    status: STATUS_NAMES.get(error.status) ?? (error.status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT"),
    details: detailsOf(error, requestId),
  };
}

function detailsOf(
  { code, mend, field, message, retryAfterMs }: GatewayError,
  requestId: string,
): readonly WireErrorDetail[] {
  const details: WireErrorDetail[] = [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: code.toUpperCase(),
      domain: "gatehouse",
      metadata: { request_id: requestId, mend },
    },
  ];
  if (field !== undefined) {
    const fieldViolations = [{ field, description: message }];
    details.push({ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations });
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = `${Math.ceil(retryAfterMs / 1000)}s`;
    details.push({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay });
  }
  return details;
}
