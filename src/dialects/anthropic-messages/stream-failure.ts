import { CODE_OF_CLASS } from "../../model/error-class.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { decodeError, STATUS_OF_TYPE } from "./decode-error.ts";

/** True for a payload that is an error and not an answer. */
export function isFailure(payload: JsonObject): boolean {
  return payload["type"] === "error" || (isJsonObject(payload["error"]) && payload["type"] === undefined);
}

/** The error that a provider reports inside an answer which began with 200. */
export function failureFromWire(payload: JsonObject): GatewayError {
  const { errorClass, message } = decodeError(statusWithin(payload), payload);
  // A refused key is quoted back by some providers, and it is the gateway's own.
  const isSafe = message !== undefined && errorClass !== "auth";
  return new GatewayError(CODE_OF_CLASS[errorClass], isSafe ? { errorClass, message } : { errorClass });
}

/** The error for a payload that is no message. */
export function notAnAnswer(message: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", { errorClass: "invalid_answer", message });
}

/** No status comes with an event; its type stands for one. */
export function statusWithin(payload: JsonObject): number {
  const { error } = payload;
  const type = isJsonObject(error) ? error["type"] : undefined;
  return typeof type === "string" && Object.hasOwn(STATUS_OF_TYPE, type)
    ? (STATUS_OF_TYPE[type] ?? 500)
    : 500;
}
