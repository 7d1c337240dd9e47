import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { decodeException } from "./decode-error.ts";

/** The error for an exception that came inside a stream. */
export function failureOfException(name: string, body: unknown): GatewayError {
  const { errorClass, message } = decodeException(name, body);
  const isSafe = message !== undefined && errorClass !== "auth";
  return new GatewayError(CODE_OF_CLASS[errorClass], isSafe ? { errorClass, message } : { errorClass });
}

/** The error for a `stopReason` which says that the output is of no use. */
export function failureOfFinish(raw: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    errorClass: "invalid_answer",
    message: `The provider could make nothing of the model's output (${JSON.stringify(raw)}).`,
  });
}

/** The error for a body that is no answer of Converse. */
export function notAnAnswer(message: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", { errorClass: "invalid_answer", message });
}
