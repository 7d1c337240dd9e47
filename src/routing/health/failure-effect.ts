import type { GatewayError } from "../../model/gateway-error.ts";

/**
 * What the end of a call says about who was called:
 * - `well`: it works, whatever it answered.
 * - `failed`: it doesn't work.
 * - `refused-rate`: it works, and this credential must wait.
 * - `refused-credential`: it works, and doesn't take this credential.
 * - `silent`: it was given up by others while it had said nothing.
 * - `nothing`: the end had other causes.
 */
export type FailureEffect = "well" | "failed" | "refused-rate" | "refused-credential" | "silent" | "nothing";

/** What a call's end says about its target; undefined for one that ended well. */
export function effectOf(failure: GatewayError | undefined): FailureEffect {
  if (failure === undefined) return "well";
  switch (failure.errorClass) {
    case "server":
    case "overloaded":
    case "network":
    case "timeout":
    case "invalid_answer":
      return "failed";
    case "rate_limit":
      return "refused-rate";
    case "auth":
    case "quota":
      return "refused-credential";
    case "caller":
    case "context_too_long":
    case "content_filter":
      return "well";
    case undefined:
      return isGivenUp(failure) ? "silent" : "nothing";
  }
}

function isGivenUp({ code }: GatewayError): boolean {
  return code === "client_closed" || code === "deadline_exceeded" || code === "superseded";
}
