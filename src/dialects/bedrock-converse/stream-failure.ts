import { GatewayError } from "../../model/gateway-error.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { decodeException } from "./decode-error.ts";

/** The error for an exception that came inside a stream. */
export function failureOfException(name: string, body: unknown): GatewayError {
  return toldFailure(decodeException(name, body));
}

/** The error for a `stopReason` which says that the output is of no use. */
export function failureOfFinish(raw: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    errorClass: "invalid_answer",
    message: `The provider could make nothing of the model's output (${JSON.stringify(raw)}).`,
  });
}
