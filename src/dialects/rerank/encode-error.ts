import type { EncodedError } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { WireError } from "./wire.ts";

/** An error where each kind of client looks for it; a provider's own answer goes out as it came. */
export function encodeError(error: GatewayError, requestId: string): EncodedError {
  if (error.upstream !== undefined) return error.upstream;
  const message = `${error.message} ${error.mend}`;
  const body: WireError = {
    message,
    detail: message,
    error: {
      message,
      type: error.status >= 500 ? "server_error" : "invalid_request_error",
      param: error.field ?? null,
      code: error.code,
      request_id: requestId,
      mend: error.mend,
    },
  };
  return { status: error.status, contentType: "application/json", body: JSON.stringify(body) };
}

/** Rankings are not streamed; should it ever come to that, the error is told as one event. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return `data: ${String(encodeError(error, requestId).body)}\n\n`;
}
