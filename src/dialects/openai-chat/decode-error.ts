import type { DecodedError } from "../../model/dialect.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

/**
 * What a refusal in OpenAI's envelope means: `{"error": {"message", "type", "param", "code"}}`
 * (https://platform.openai.com/docs/guides/error-codes). Compatible servers vary it: `{"detail"}`, a text or a list of
 * findings (FastAPI, hence Mistral and vLLM), `{"message"}`, `{"code", "error": "text"}` (xAI), or a plain text.
 */
export function decodeError(status: number, body: unknown): DecodedError {
  const error = errorObject(body);
  const message = messageOf(body, error);
  const codes = vendorCodes(error);
  return {
    errorClass: classOf(status, error, codes, message ?? ""),
    ...(codes.length > 0 && { codes }),
    ...(message !== undefined && { message }),
  };
}

/** Most precise first. */
function vendorCodes(error: JsonObject): readonly string[] {
  return [error["code"], error["type"]].flatMap((code) =>
    typeof code === "string" || typeof code === "number" ? [String(code)] : [],
  );
}

function errorObject(body: unknown): JsonObject {
  if (!isJsonObject(body)) return {};
  const error = body["error"];
  return isJsonObject(error) ? error : body;
}

function messageOf(body: unknown, error: JsonObject): string | undefined {
  const { message, detail } = error;
  const candidates = [
    message,
    detail,
    isJsonObject(body) ? body["error"] : undefined,
    findings(isJsonObject(message) ? message["detail"] : detail),
  ];
  return candidates.filter((candidate) => typeof candidate === "string").find((text) => text !== "");
}

/** `[{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]` as `body.seed: Extra inputs ...`. */
function findings(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const said = detail.filter(isJsonObject).map(({ loc, msg }) => {
    const place = Array.isArray(loc) ? `${loc.map(String).join(".")}: ` : "";
    return place + (typeof msg === "string" ? msg : "invalid");
  });
  return said.join("; ") || undefined;
}

/** Statuses with which servers refuse a request for what it is. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([400, 413, 422]);

function classOf(status: number, error: JsonObject, codes: readonly string[], message: string): ErrorClass {
  if (codes.includes("insufficient_quota")) return "quota";
  if (codes.includes("context_length_exceeded")) return "context_too_long";
  if (codes.includes("content_filter") || codes.includes("content_policy_violation")) return "content_filter";
  if (isFlagged(error)) return "content_filter";
  if (status < 500 && /insufficient (balance|credit|fund)|available credits|spending limit/i.test(message))
    return "quota";
  if (!OF_THE_REQUEST.has(status)) return classOfStatus(status);
  // Compatible servers (vLLM, llama.cpp) tell only in prose that the context is too small.
  const isTooLong =
    /maximum context length|context (window|size|length)|must be <= \d+ tokens|too many tokens/i;
  // Groq: this one request is over the limit of tokens a minute, so that waiting is no use.
  const isOverLimit = status === 413 && codes.includes("rate_limit_exceeded");
  if (isOverLimit || isTooLong.test(message)) return "context_too_long";
  // xAI refuses a key as an invalid argument.
  return /(incorrect|invalid) api[ _-]?key/i.test(message) ? "auth" : "caller";
}

/** OpenRouter's moderation answers 403 (https://openrouter.ai/docs/api/reference/errors-and-debugging). */
function isFlagged({ metadata }: JsonObject): boolean {
  return isJsonObject(metadata) && metadata["flagged_input"] !== undefined;
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "quota";
  if (status === 429) return "rate_limit";
  if (status === 408 || status === 504) return "timeout";
  if (status === 503 || status === 529 || status === 498) return "overloaded";
  return status >= 500 ? "server" : "caller";
}
