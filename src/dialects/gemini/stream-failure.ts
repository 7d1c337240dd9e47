import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { decodeError } from "./decode-error.ts";

/** True for a payload that is an error and not an answer. */
export function isFailure(payload: JsonObject): boolean {
  return isJsonObject(payload["error"]);
}

/** The error that a provider reports inside an answer which began with 200. */
export function failureFromWire(payload: JsonObject): GatewayError {
  const { errorClass, message, retryAfterMs } = decodeError(statusWithin(payload), payload);
  // A refused key is quoted back by some providers, and it is the gateway's own.
  const isSafe = message !== undefined && errorClass !== "auth";
  return new GatewayError(CODE_OF_CLASS[errorClass], {
    errorClass,
    ...(isSafe && { message }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The error for a `finishReason` which says that the answer came to nothing. */
export function failureOfFinish(raw: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    errorClass: "invalid_answer",
    message: `The provider ended its answer with the finish reason ${JSON.stringify(raw.slice(0, 100))}.`,
  });
}

/** The error for a payload that is no answer of generateContent. */
export function notAnAnswer(message: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", { errorClass: "invalid_answer", message });
}

/** No status comes with an event, but the error has it as its code. */
export function statusWithin(payload: JsonObject): number {
  const { error } = payload;
  const code = isJsonObject(error) ? error["code"] : undefined;
  return typeof code === "number" && code >= 400 && code < 600 ? code : 500;
}
