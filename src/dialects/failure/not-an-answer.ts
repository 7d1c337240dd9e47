import { GatewayError } from "../../model/gateway-error.ts";

/** The error for a body or an event that is no answer in its dialect. */
export function notAnAnswer(message: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", { errorClass: "invalid_answer", message });
}
