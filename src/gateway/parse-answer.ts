import { GatewayError } from "../model/gateway-error.ts";

const decoder = new TextDecoder();

/** A whole answer as JSON. Throws `upstream_invalid_answer` where it is empty or not JSON. */
export function parseJsonBytes(bytes: Uint8Array, provider: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const what = bytes.byteLength === 0 ? "an empty body" : "a body that is not JSON";
    throw new GatewayError("upstream_invalid_answer", {
      message: `${provider} answered with ${what}.`,
      errorClass: "invalid_answer",
      cause,
    });
  }
}
