import type { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { decodeError, STATUS_OF_TYPE } from "./decode-error.ts";

/** True for a payload that is an error and not an answer. */
export function isFailure(payload: JsonObject): boolean {
  return payload["type"] === "error" || (isJsonObject(payload["error"]) && payload["type"] === undefined);
}

/** The error that a provider reports inside an answer which began with 200. */
export function failureFromWire(payload: JsonObject): GatewayError {
  return toldFailure(decodeError(statusWithin(payload), payload));
}

/** No status comes with an event; its type stands for one. */
export function statusWithin(payload: JsonObject): number {
  const { error } = payload;
  const type = isJsonObject(error) ? error["type"] : undefined;
  return typeof type === "string" && Object.hasOwn(STATUS_OF_TYPE, type)
    ? (STATUS_OF_TYPE[type] ?? 500)
    : 500;
}
