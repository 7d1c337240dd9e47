import { GatewayError } from "../../model/gateway-error.ts";

/** The error for an answer that was cut short on the provider's side. */
export function brokenOff(message: string): GatewayError {
  return new GatewayError("upstream_interrupted", { errorClass: "server", message });
}
