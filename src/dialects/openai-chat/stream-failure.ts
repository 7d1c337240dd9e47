import { GatewayError } from "../../model/gateway-error.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { toldFailure } from "../failure/told-failure.ts";
import { decodeError } from "./decode-error.ts";

/** True for a payload that is an error and not an answer, as OpenAI sends it or as vLLM does (`object: "error"`). */
export function isFailure(payload: JsonObject): boolean {
  const { error } = payload;
  return (error !== undefined && error !== null) || payload["object"] === "error";
}

/** The error that a provider reports inside an answer which began with 200. */
export function failureFromWire(payload: JsonObject): GatewayError {
  return toldFailure(decodeError(statusWithin(payload), payload));
}

/** The error for a `finish_reason` which says that the generation failed. */
export function failureOfFinish(raw: string): GatewayError {
  const errorClass = raw === "insufficient_system_resource" ? "overloaded" : "server";
  const message = `The provider broke off its answer with the finish reason ${JSON.stringify(raw)}.`;
  return new GatewayError("upstream_interrupted", { errorClass, message });
}

/** No status comes with an event, but some servers put one into the error's code. */
export function statusWithin(payload: JsonObject): number {
  for (const holder of [payload["error"], payload]) {
    const code = isJsonObject(holder)
      ? (holder["status"] ?? holder["code"] ?? holder["status_code"])
      : undefined;
    if (typeof code === "number" && code >= 400 && code < 600) return code;
  }
  return 500;
}
