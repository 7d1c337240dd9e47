import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { decodeError } from "./decode-error.ts";

/** True for a payload that is an error and not an answer. */
export function isFailure(payload: JsonObject): boolean {
  return isJsonObject(payload["error"]);
}

/** The error that a provider reports inside an answer which began with 200. */
export function failureFromWire(payload: JsonObject): GatewayError {
  return toldFailure(decodeError(statusWithin(payload), payload));
}

/** The error for a `finishReason` which says that the answer came to nothing. */
export function failureOfFinish(raw: string): GatewayError {
  return new GatewayError("upstream_invalid_answer", {
    errorClass: "invalid_answer",
    message: `The provider ended its answer with the finish reason ${JSON.stringify(raw.slice(0, 100))}.`,
  });
}

/** No status comes with an event, but the error has it as its code. */
export function statusWithin(payload: JsonObject): number {
  const { error } = payload;
  const code = isJsonObject(error) ? error["code"] : undefined;
  return typeof code === "number" && code >= 400 && code < 600 ? code : 500;
}
