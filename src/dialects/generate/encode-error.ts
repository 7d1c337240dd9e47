import type { EncodedError } from "../../model/dialect.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { WireError } from "./wire.ts";

/** An error of the simple contract. A provider's own answer is not passed on: its format is not ours. */
export function encodeError(error: GatewayError, requestId: string): EncodedError {
  return { status: error.status, contentType: "application/json", body: envelope(error, requestId) };
}

/** The event that ends a stream with an error; no `done` follows. */
export function encodeStreamError(error: GatewayError, requestId: string): string {
  return `event: error\ndata: ${envelope(error, requestId)}\n\n`;
}

function envelope(error: GatewayError, requestId: string): string {
  const wire: WireError = {
    code: error.code,
    message: error.message,
    mend: error.mend,
    ...(error.field !== undefined && { field: error.field }),
    request_id: requestId,
  };
  return JSON.stringify({ error: wire });
}
