import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

/**
 * What a refusal in OpenAI's envelope means: `{"error": {"message", "type", "param", "code"}}`
 * (https://platform.openai.com/docs/guides/error-codes). Compatible servers vary it: `{"detail"}` (FastAPI),
 * `{"message"}`, or a plain text.
 */
export function decodeError(status: number, body: unknown): DecodedError {
  const error = errorObject(body);
  const message = messageOf(body, error);
  const decoded = { errorClass: classOf(status, error, message ?? "") };
  return message === undefined ? decoded : { ...decoded, message };
}

/** The vendor's own words for the kind of error, most precise first. */
export function vendorCodes(body: unknown): readonly string[] {
  const error = errorObject(body);
  return [error["code"], error["type"]].filter((code) => typeof code === "string");
}

function errorObject(body: unknown): JsonObject {
  if (!isJsonObject(body)) return {};
  const error = body["error"];
  return isJsonObject(error) ? error : body;
}

function messageOf(body: unknown, error: JsonObject): string | undefined {
  for (const candidate of [
    error["message"],
    error["detail"],
    isJsonObject(body) ? body["error"] : undefined,
  ]) {
    if (typeof candidate === "string" && candidate !== "") return candidate;
  }
  return undefined;
}

function classOf(status: number, error: JsonObject, message: string): ErrorClass {
  const codes = vendorCodes({ error });
  if (codes.includes("insufficient_quota")) return "quota";
  if (codes.includes("context_length_exceeded")) return "context_too_long";
  if (codes.includes("content_filter") || codes.includes("content_policy_violation")) return "content_filter";
  // Compatible servers (vLLM, llama.cpp) tell only in prose that the context is too small.
  if (status === 400 && /maximum context length|context (window|size|length)/i.test(message))
    return "context_too_long";
  return classOfStatus(status);
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 429) return "rate_limit";
  if (status === 408 || status === 504) return "timeout";
  if (status === 503 || status === 529 || status === 498) return "overloaded";
  return status >= 500 ? "server" : "caller";
}
